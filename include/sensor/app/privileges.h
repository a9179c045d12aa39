// What the program may still do once its sockets are open.
#pragma once

#include <string>

#include "sensor/base/result.h"

namespace sensor {

struct PrivilegeOptions {
  /// Become this user; empty: stay who we are.
  std::string user;
  /// And this group; empty: the user's own.
  std::string group;
  /// Sockets opened later want the card's clock, too, which takes CAP_NET_ADMIN.
  bool hardware_clock = false;
  /// Sockets are opened later at all: an interface that comes back.
  bool raw_sockets = true;
  /// Calls a function in every other thread that there is already (DPDK's); null: there is none.
  void (*in_other_threads)(void (*f)()) = nullptr;
  /// Let the kernel refuse every system call that the sensor does not use.
  bool seccomp = true;
};

/// Makes use of CAP_NET_RAW and CAP_NET_ADMIN where the process may have them but does not yet: the program's file says "permitted" (setcap
/// cap_net_raw,cap_net_admin=p), so that it starts where they are not to be had, too. In the main thread, first of all.
void raise_capabilities();

/// Gives a directory that does not exist yet to the user of the options, so that the logs can be written later. Nothing when no user is
/// named or the directory is there. Error{Usage}: no such user, or it cannot be made.
Status prepare_log_dir(const std::string& directory, const PrivilegeOptions& options);

/// User and group, then capabilities: what is left is CAP_NET_RAW, to open an interface that comes back, and, for root, CAP_DAC_OVERRIDE,
/// to write where root may; other threads keep none. no_new_privs; then the seccomp filter, in every thread. In the main thread, before any
/// other but DPDK's is started. Error{Usage}: no such
/// user or group. Error{RunTime}: the kernel refused; nothing may be read then.
Status drop_privileges(const PrivilegeOptions& options);

}  // namespace sensor
