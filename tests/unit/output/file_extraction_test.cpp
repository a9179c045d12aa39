#include "sensor/output/file_extraction.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "temp_dir.h"

namespace sensor {
namespace {

namespace fs = std::filesystem;

class Extraction : public testing::Test {
 protected:
  std::unique_ptr<FileExtraction> make(FileExtractionOptions o = {}) {
    o.directory = dir_ / "kept";
    o.report = [this](const std::string& text) { reports_.push_back(text); };
    auto made = FileExtraction::create(std::move(o));
    EXPECT_TRUE(made.ok());
    made.value()->start();
    return std::move(made).value();
  }
  std::string content(const std::string& name) {
    std::ifstream in(dir_ / "kept" / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  test::TempDir temp_;
  fs::path dir_{temp_.path()};
  std::vector<std::string> reports_;
};

TEST_F(Extraction, PiecesLieAtTheirPlaces) {
  auto e = make();
  EXPECT_TRUE(e->admit(kSecond));
  EXPECT_TRUE(e->take({"a", 0, "begin", true}));
  EXPECT_TRUE(e->take({"a", 7, "end", false}));
  EXPECT_TRUE(e->take({"b", 0, "other", true}));
  e->finish();
  EXPECT_EQ(content("a"), std::string("begin\0\0end", 10));
  EXPECT_EQ(content("b"), "other");
  EXPECT_EQ(e->get(ExtractionCounter::BytesWritten), 13u);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(Extraction, AnEarlierRunsFileIsReplaced) {
  fs::create_directories(dir_ / "kept");
  std::ofstream(dir_ / "kept" / "a") << "something longer";
  auto e = make();
  e->take({"a", 0, "new", true});
  e->finish();
  EXPECT_EQ(content("a"), "new");
}

TEST_F(Extraction, ALinkIsNotFollowed) {
  fs::create_directories(dir_ / "kept");
  std::ofstream(dir_ / "outside") << "untouched";
  fs::create_symlink(dir_ / "outside", dir_ / "kept" / "a");
  auto e = make();
  e->take({"a", 0, "new", true});
  e->finish();
  EXPECT_EQ(e->get(ExtractionCounter::BytesLost), 3u);
  std::ifstream in(dir_ / "outside");
  std::string text;
  in >> text;
  EXPECT_EQ(text, "untouched");
}

TEST_F(Extraction, NumberAndRateOfFilesHaveLimits) {
  FileExtractionOptions o;
  o.max_files = 4;
  o.max_files_per_minute = 2;
  auto e = make(o);
  EXPECT_TRUE(e->admit(kSecond));
  EXPECT_TRUE(e->admit(2 * kSecond));
  EXPECT_FALSE(e->admit(3 * kSecond)) << "the third in a minute";
  EXPECT_TRUE(e->admit(kSecond + kMinute));
  EXPECT_TRUE(e->admit(kSecond + 3 * kMinute));
  EXPECT_FALSE(e->admit(kSecond + 9 * kMinute)) << "the fifth in all";
  EXPECT_EQ(e->get(ExtractionCounter::Files), 4u);
  EXPECT_EQ(e->get(ExtractionCounter::FilesRefused), 2u);
}

TEST_F(Extraction, BytesHaveALimit) {
  FileExtractionOptions o;
  o.max_bytes = 10;
  auto e = make(o);
  EXPECT_TRUE(e->take({"a", 0, "12345678", true}));
  EXPECT_FALSE(e->take({"b", 0, "123", true}));
  EXPECT_TRUE(e->take({"b", 0, "12", true}));
  EXPECT_FALSE(e->admit(kSecond));
  EXPECT_EQ(e->get(ExtractionCounter::PiecesRefused), 1u);
}

TEST_F(Extraction, AFullQueueIsNotWaitedForLive) {
  FileExtractionOptions o;
  o.directory = dir_ / "kept";
  o.max_queued_bytes = 10;
  auto made = FileExtraction::create(o);
  ASSERT_TRUE(made.ok());
  FileExtraction* e = made.value().get();
  EXPECT_TRUE(e->take({"a", 0, "1234567890", true}));
  EXPECT_FALSE(e->take({"a", 10, "1", false})) << "nobody writes yet";
  e->start();
  e->finish();
  EXPECT_EQ(content("a"), "1234567890");
}

TEST_F(Extraction, WhatCannotBeWrittenIsLostCountedAndToldOnce) {
  auto e = make();
  fs::remove_all(dir_ / "kept");
  e->take({"a", 0, "12345", true});
  e->take({"a", 5, "12345", false});
  e->take({"b", 0, "123", true});
  e->finish();
  EXPECT_EQ(e->get(ExtractionCounter::BytesLost), 13u);
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_NE(reports_[0].find("No such file or directory"), std::string::npos);
}

TEST_F(Extraction, ADirectoryThatCannotBeIsAnError) {
  std::ofstream(dir_ / "file") << "x";
  FileExtractionOptions o;
  o.directory = dir_ / "file" / "kept";
  const auto made = FileExtraction::create(o);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, Error::Usage);
}

}  // namespace
}  // namespace sensor
