#include "sensor/app/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "src/app/system_call_filter.h"
#include "temp_dir.h"

namespace sensor {
namespace {

using testing::HasSubstr;

TEST(Privileges, NamesThatDoNotExistAreToldTheRemedy) {
  const PrivilegeOptions no_user{.user = "nobody-of-this-name", .group = "", .hardware_clock = false, .seccomp = false};
  const Status s = drop_privileges(no_user);
  ASSERT_FALSE(s.ok());
  EXPECT_EQ(s.error().kind, Error::Usage);
  EXPECT_THAT(s.error().message, HasSubstr("useradd --system nobody-of-this-name"));
  const PrivilegeOptions no_group{.user = "", .group = "none-of-this-name", .hardware_clock = false, .seccomp = false};
  EXPECT_THAT(prepare_log_dir("/nowhere", no_group).error().message, HasSubstr("groupadd --system none-of-this-name"));
}

TEST(Privileges, ALogDirectoryIsLeftAloneWhereNobodyIsNamed) {
  const test::TempDir dir;
  EXPECT_TRUE(prepare_log_dir(dir.path("logs"), {}).ok());
  EXPECT_NE(::access(dir.path("logs").c_str(), F_OK), 0);
}

/// In a process of its own: there is no way back.
TEST(SystemCallFilter, ThreadsAndSocketsButNoPrograms) {
  EXPECT_EXIT(
      {
        if (!install_system_call_filter().ok()) std::_Exit(2);
        std::thread([] {}).join();
        const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
        const bool no_program = ::execl("/bin/true", "true", nullptr) == -1 && errno == EPERM;
        const bool no_process = ::fork() == -1;
        std::_Exit(fd >= 0 && no_program && no_process ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sensor
