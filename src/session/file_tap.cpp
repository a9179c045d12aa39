#include "src/session/file_tap.h"

#include <algorithm>

namespace sensor {

FileTap::FileTap(const FileConfig& config, std::string name, TimeNs now, HeldBytes& held)
    : config_(config), name_(std::move(name)), held_(held) {
  if (config.md5) hashers_.emplace_back(digest::Algorithm::Md5);
  if (config.sha1) hashers_.emplace_back(digest::Algorithm::Sha1);
  if (config.sha256) hashers_.emplace_back(digest::Algorithm::Sha256);
  kept_ = config.sink != nullptr && config.sink->admit(now);
}

FileTap::~FileTap() {
  held_.count -= pending_.size();
}

void FileTap::data(Bytes bytes) {
  any_ = any_ || !bytes.empty();
  for (digest::Hasher& h : hashers_) h.update(bytes);
  if (kept_ && !cut_at_) keep(bytes);
}

void FileTap::hole(uint64_t length) {
  hashers_.clear();
  if (!kept_ || cut_at_) return;
  hand_over();
  if (cut_at_) return;
  if (length > config_.extract_max_bytes - offset_) return cut(config_.extract_max_bytes);
  offset_ += length;
}

void FileTap::keep(Bytes bytes) {
  const uint64_t room = config_.extract_max_bytes - offset_ - pending_.size();
  const Bytes fits = bytes.first(static_cast<size_t>(std::min<uint64_t>(room, bytes.size())));
  pending_.append(as_chars(fits));
  held_.count += fits.size();
  const bool over = fits.size() < bytes.size();
  if (over || pending_.size() >= kPieceBytes || held_.count > HeldBytes::kMax) hand_over();
  if (over && !cut_at_) cut(config_.extract_max_bytes);
}

void FileTap::hand_over() {
  if (pending_.empty()) return;
  const size_t size = pending_.size();
  held_.count -= size;
  if (!config_.sink->take({name_, offset_, std::exchange(pending_, {}), !begun_})) return cut(offset_);
  begun_ = true;
  offset_ += size;
}

void FileTap::cut(uint64_t size) {
  cut_at_ = size;
}

std::vector<std::pair<std::string_view, std::string>> FileTap::hashes() {
  std::vector<std::pair<std::string_view, std::string>> all;
  if (!any_) return all;
  for (digest::Hasher& h : hashers_) all.emplace_back(digest::name(h.algorithm()), h.finish());
  hashers_.clear();
  return all;
}

}  // namespace sensor
