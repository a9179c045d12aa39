#include "pages.h"

#include "dashboard/dashboard_assets.h"

namespace sensor {
namespace {

Route without_dashboard() {
  Route r{"GET", "/", Access::Open, {}, true};
  r.handle = [](const HttpRequest&) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body =
        "This sensor was built without its dashboard. To have it, build with\n"
        "  meson configure build -Ddashboard=enabled && ninja -C build\n"
        "The API is here: /api/v1/openapi.json describes it.\n";
    return response;
  };
  return r;
}

HttpResponse send_asset(const DashboardAsset& a, const HttpRequest& request) {
  if (request.accept_encoding.find("gzip") == std::string::npos) return http_error(406, "bad_request", "the page is sent with gzip only");
  HttpResponse r;
  r.content_type = a.content_type;
  r.headers = {{"ETag", std::string(a.etag)},
               {"Cache-Control", a.path.starts_with("/assets/") ? "max-age=31536000, immutable" : "no-cache"}};
  if (request.if_none_match == a.etag) {
    r.status = 304;
    return r;
  }
  r.headers.emplace_back("Content-Encoding", "gzip");
  r.fixed = a.gzip;
  return r;
}

}  // namespace

std::vector<Route> page_routes() {
  std::vector<Route> all;
  for (const DashboardAsset& a : dashboard_assets()) {
    Route r{"GET", std::string(a.path), Access::Open, {}, true};
    r.handle = [&a](const HttpRequest& request) { return send_asset(a, request); };
    all.push_back(std::move(r));
  }
  if (all.empty()) all.push_back(without_dashboard());
  return all;
}

}  // namespace sensor
