#include "sink/intake/endpoints.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

TEST(Endpoints, PutsTheWatermarksBesideTheRecords) {
  EXPECT_EQ(*default_ack_endpoint("tcp://0.0.0.0:5557"), "tcp://0.0.0.0:5558");
  EXPECT_EQ(*default_ack_endpoint("tcp://[::1]:1"), "tcp://[::1]:2");
  EXPECT_EQ(*default_ack_endpoint("ipc:///run/a/sink.ipc"), "ipc:///run/a/sink.ipc.ack");
  EXPECT_FALSE(default_ack_endpoint("tcp://h:65535"));
}

TEST(Endpoints, RefusesWhatItDoesNotKnow) {
  for (const char* bad : {"", "5557", "udp://h:1", "tcp://h", "tcp://:1", "tcp://h:0", "tcp://h:x",
                          "tcp://h:70000", "ipc://", "ipc://@abstract", "ipc:///a/"}) {
    EXPECT_FALSE(check_endpoint(bad)) << bad;
  }
  EXPECT_FALSE(check_endpoint("ipc://" + std::string(108, 'x')));
  EXPECT_TRUE(check_endpoint("tcp://127.0.0.1:5557"));
}

TEST(Endpoints, KnowsWhichOnesOtherHostsReach) {
  EXPECT_TRUE(is_local("tcp://127.0.0.1:1"));
  EXPECT_TRUE(is_local("tcp://localhost:1"));
  EXPECT_TRUE(is_local("tcp://[::1]:1"));
  EXPECT_TRUE(is_local("ipc:///x"));
  EXPECT_FALSE(is_local("tcp://0.0.0.0:1"));
  EXPECT_FALSE(is_local("tcp://*:1"));
  EXPECT_FALSE(is_local("tcp://localhost.example.org:1"));
}

TEST(Endpoints, WantsADirectoryThatNobodyElseCanEnter) {
  tests::ScratchDirectory scratch;
  DiskFileSystem files;
  EXPECT_TRUE(secure_ipc_directory(files, "ipc://" + scratch.path("made/sink.ipc")));
  EXPECT_TRUE(secure_ipc_directory(files, "tcp://127.0.0.1:1"));
  ASSERT_EQ(::mkdir(scratch.path("open").c_str(), 0755), 0);
  EXPECT_FALSE(secure_ipc_directory(files, "ipc://" + scratch.path("open/sink.ipc")));
}

}  // namespace
}  // namespace albicilla
