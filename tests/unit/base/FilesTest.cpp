//===- tests/unit/base/FilesTest.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hillock {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Files : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hlkXXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string path(const char *name) const { return folder + "/" + name; }
  size_t fileCount() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder),
                                             fs::directory_iterator()));
  }

  std::string folder;
};

TEST_F(Files, WrittenBytesComeBack) {
  const std::string bytes("a\0b\n\xff", 5);
  ASSERT_EQ(takeText(writeFile(path("out"), bytes)), "");
  Expected<std::string> read = readFile(path("out"));
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(*read, bytes);
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(Files, ReplacingKeepsPermissionsAndLinks) {
  ASSERT_EQ(takeText(writeFile(path("real"), "old")), "");
  ASSERT_EQ(::chmod(path("real").c_str(), 0640), 0);
  fs::create_symlink("real", path("link"));
  ASSERT_EQ(takeText(writeFile(path("link"), "new")), "");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(llvm::cantFail(readFile(path("real"))), "new");
  struct stat status = {};
  ASSERT_EQ(::stat(path("real").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, DroppedFileLeavesNothing) {
  ASSERT_EQ(takeText(writeFile(path("out"), "old")), "");
  {
    Expected<AtomicFile> file = AtomicFile::create(path("out"));
    ASSERT_TRUE(bool(file));
    ASSERT_EQ(takeText(file->write("half")), "");
    EXPECT_EQ(fileCount(), 2u); // the temporary lies beside
  }
  EXPECT_EQ(fileCount(), 1u);
  EXPECT_EQ(llvm::cantFail(readFile(path("out"))), "old");
}

TEST_F(Files, MovedFileCommitsOnce) {
  Expected<AtomicFile> file = AtomicFile::create(path("out"));
  ASSERT_TRUE(bool(file));
  AtomicFile other = std::move(*file);
  ASSERT_EQ(takeText(other.write("x")), "");
  EXPECT_EQ(takeText(other.commit()), "");
  EXPECT_THAT(takeText(other.write("y")), HasSubstr("closed"));
  EXPECT_EQ(llvm::cantFail(readFile(path("out"))), "x");
}

TEST_F(Files, DevicesAreWrittenThrough) {
  EXPECT_EQ(takeText(writeFile("/dev/null", "x")), "");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Files, ErrorsNameThePathAndTheCure) {
  EXPECT_EQ(takeText(writeFile(folder, "x")),
            folder + ": cannot be written: it is a folder; give the name of "
                     "a file");
  EXPECT_THAT(takeText(writeFile(path("no/such/out"), "x")),
              HasSubstr("create the folder '" + folder + "/no/such' first"));
  EXPECT_EQ(takeText(readFile(path("no")).takeError()),
            path("no") + ": no such file; check the path");
  EXPECT_EQ(takeText(readFile(folder).takeError()),
            folder + ": is a folder, a file is needed");
  ASSERT_EQ(takeText(writeFile(path("big"), std::string(2000, 'x'))), "");
  EXPECT_EQ(takeText(readFile(path("big"), 1024).takeError()),
            path("big") + ": holds 2.0 KiB, at most 1.0 KiB can be read; "
                          "split the file");
  EXPECT_THAT(takeText(readFile("/dev/zero", 100000).takeError()),
              HasSubstr("more than 97.7 KiB"));
}

TEST_F(Files, ExactLimitAndEmptyFileAreRead) {
  ASSERT_EQ(takeText(writeFile(path("a"), std::string(1024, 'x'))), "");
  EXPECT_EQ(llvm::cantFail(readFile(path("a"), 1024)).size(), 1024u);
  ASSERT_EQ(takeText(writeFile(path("b"), "")), "");
  EXPECT_EQ(llvm::cantFail(readFile(path("b"))), "");
}

TEST_F(Files, LongNamesWork) {
  const std::string name(250, 'n');
  EXPECT_EQ(takeText(writeFile(path(name.c_str()), "x")), "");
}

} // namespace
} // namespace hillock
