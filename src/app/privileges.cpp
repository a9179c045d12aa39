#include "sensor/app/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "system_call_filter.h"

namespace sensor {
namespace {

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
};

Error refused(std::string_view what, std::string_view remedy) {
  return {Error::RunTime, fmt::format("cannot {}: {}; {}", what, std::strerror(errno), remedy)};
}

/// Who the options name; nothing when they name nobody.
Result<std::optional<Identity>> identity(const PrivilegeOptions& o) {
  if (o.user.empty() && o.group.empty()) return std::optional<Identity>();
  Identity id{::getuid(), ::getgid()};
  if (!o.user.empty()) {
    const passwd* user = ::getpwnam(o.user.c_str());
    if (user == nullptr) return Error{Error::Usage, fmt::format("there is no user '{0}'; make one with 'useradd --system {0}'", o.user)};
    id = {user->pw_uid, user->pw_gid};
  }
  if (!o.group.empty()) {
    const ::group* group = ::getgrnam(o.group.c_str());
    if (group == nullptr)
      return Error{Error::Usage, fmt::format("there is no group '{0}'; make one with 'groupadd --system {0}'", o.group)};
    id.group = group->gr_gid;
  }
  return std::optional(id);
}

Status become(const Identity& id) {
  constexpr std::string_view kRemedy = "start as root, or leave run.user and run.group empty";
  if (::setgroups(0, nullptr) != 0) return refused("leave the groups", kRemedy);
  if (::setresgid(id.group, id.group, id.group) != 0) return refused("become the group of run.group", kRemedy);
  if (::setresuid(id.user, id.user, id.user) != 0) return refused("become the user of run.user", kRemedy);
  return Ok{};
}

using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, decltype(&::cap_free)>;

bool permitted(cap_t of, cap_value_t c) {
  cap_flag_value_t set = CAP_CLEAR;
  return ::cap_get_flag(of, c, CAP_PERMITTED, &set) == 0 && set == CAP_SET;
}

/// Keeps those of the wanted ones that are there.
Status keep_capabilities(const std::vector<cap_value_t>& wanted) {
  constexpr std::string_view kRemedy = "the kernel does not let a process give up rights; run it outside of what forbids that";
  const Capabilities before(::cap_get_proc(), &::cap_free), after(::cap_init(), &::cap_free);
  for (const cap_value_t c : wanted) {
    if (!permitted(before.get(), c)) continue;
    ::cap_set_flag(after.get(), CAP_PERMITTED, 1, &c, CAP_SET);
    ::cap_set_flag(after.get(), CAP_EFFECTIVE, 1, &c, CAP_SET);
  }
  if (::cap_set_proc(after.get()) != 0) return refused("give up capabilities", kRemedy);
  return Ok{};
}

/// What no program started from here could get back. Takes CAP_SETPCAP: where that is missing, no_new_privs does the same.
void empty_bounding_set() {
  for (cap_value_t c = 0; ::cap_get_bound(c) >= 0; c++) (void)::cap_drop_bound(c);
}

}  // namespace

void raise_capabilities() {
  const Capabilities ours(::cap_get_proc(), &::cap_free);
  for (const cap_value_t c : {CAP_NET_RAW, CAP_NET_ADMIN})
    if (permitted(ours.get(), c)) ::cap_set_flag(ours.get(), CAP_EFFECTIVE, 1, &c, CAP_SET);
  (void)::cap_set_proc(ours.get());  // who needs them will say so
}

Status prepare_log_dir(const std::string& directory, const PrivilegeOptions& options) {
  const auto id = identity(options);
  if (!id.ok()) return id.error();
  std::error_code error;
  if (!id.value() || std::filesystem::exists(directory, error)) return Ok{};
  std::filesystem::create_directories(directory, error);
  if (error || ::chown(directory.c_str(), id.value()->user, id.value()->group) != 0)
    return Error{Error::Usage, fmt::format("cannot make the directory {0}: {1}; make it with 'install -d -o {2} {0}'", directory,
                                           error ? error.message() : std::strerror(errno), options.user)};
  return Ok{};
}

Status drop_privileges(const PrivilegeOptions& options) {
  const auto id = identity(options);
  if (!id.ok()) return id.error();
  std::vector<cap_value_t> kept;
  if (options.raw_sockets) kept.push_back(CAP_NET_RAW);
  if (options.hardware_clock) kept.push_back(CAP_NET_ADMIN);
  if (!id.value() && ::geteuid() == 0) kept.push_back(CAP_DAC_OVERRIDE);
  ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  empty_bounding_set();
  if (id.value())
    if (auto s = become(*id.value()); !s.ok()) return s;
  // Not before: the C library changes the user in all threads, and wants all to be allowed to.
  if (options.in_other_threads != nullptr) options.in_other_threads([] { (void)keep_capabilities({}); });
  if (auto s = keep_capabilities(kept); !s.ok()) return s;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("set no_new_privs", "a kernel from 3.5 on has it");
  return options.seccomp ? install_system_call_filter() : Status(Ok{});
}

}  // namespace sensor
