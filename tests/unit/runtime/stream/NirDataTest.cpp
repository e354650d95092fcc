//===- tests/unit/runtime/stream/NirDataTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/stream/ReadData.h"
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

namespace hillock::runtime {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// Writes .nirdata files the way the reference package does.
class Writer {
public:
  explicit Writer(const std::string &path)
      : file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {
    group("/nodes");
  }
  ~Writer() { H5Fclose(file); }

  std::string observable(const std::string &node, const std::string &name,
                         const char *type) {
    group("/nodes/" + node);
    group("/nodes/" + node + "/observables");
    const std::string path = "/nodes/" + node + "/observables/" + name;
    group(path);
    hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    attribute(path, "__type__", text, &type);
    H5Tclose(text);
    return path;
  }
  void number(const std::string &path, const char *name, double value) {
    attribute(path, name, H5T_NATIVE_DOUBLE, &value);
  }
  template <typename T>
  void dataset(const std::string &path, hid_t type, std::vector<hsize_t> shape,
               const std::vector<T> &values) {
    hid_t space =
        H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    hid_t set = H5Dcreate2(file, path.c_str(), type, space, H5P_DEFAULT,
                           H5P_DEFAULT, H5P_DEFAULT);
    if (!values.empty())
      H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(set);
    H5Sclose(space);
  }

private:
  void group(const std::string &path) {
    if (path != "/" && H5Lexists(file, path.c_str(), H5P_DEFAULT) > 0)
      return;
    H5Gclose(
        H5Gcreate2(file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  void attribute(const std::string &path, const char *name, hid_t type,
                 const void *value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attr = H5Acreate_by_name(file, path.c_str(), name, type, space,
                                   H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attr, type, value);
    H5Aclose(attr);
    H5Sclose(space);
  }

  hid_t file;
};

class NirData : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "hlkXXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    path = folder + "/a.nirdata";
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string failure(const ReadOptions &options = {}) {
    Expected<DataSet> set = readData(path, options);
    return set ? "" : takeText(set.takeError());
  }
  DataSet read(const ReadOptions &options = {}) {
    Expected<DataSet> set = readData(path, options);
    if (set)
      return std::move(*set);
    ADD_FAILURE() << takeText(set.takeError());
    return {};
  }
  void writeEvents(bool valued) {
    Writer writer(path);
    const std::string where = writer.observable(
        "input", "spikes", valued ? "ValuedEventData" : "EventData");
    // two samples; the second is shorter and padded
    writer.dataset<int64_t>(where + "/idx", H5T_NATIVE_INT64, {2, 4},
                            {0, 1, 1, 2, 2, -1, -1, -1});
    writer.dataset<double>(
        where + "/time", H5T_NATIVE_DOUBLE, {2, 4},
        {0.0, 0.3, 0.31, 0.95, 0.1, HUGE_VAL, HUGE_VAL, HUGE_VAL});
    if (valued)
      writer.dataset<double>(where + "/value", H5T_NATIVE_DOUBLE, {2, 4},
                             {1, 2, 0.5, -1, 3, 0, 0, 0});
    writer.number(where, "n_neurons", 3);
    writer.number(where, "t_max", 1.0);
  }

  std::string folder, path;
};

TEST_F(NirData, EventsAreBinned) {
  writeEvents(false);
  ReadOptions options;
  options.dtSeconds = 0.1;
  const DataSet set = read(options);
  ASSERT_EQ(set.samples.size(), 2u);
  EXPECT_EQ(set.samples[0].steps, 10);
  EXPECT_THAT(set.samples[0].shape, ElementsAre(3));
  // 0.3 / 0.1 is a little below 3 in floating point, and still step 3
  EXPECT_THAT(set.samples[0].events,
              ElementsAre(Event{0, 0, 1}, Event{3, 1, 1}, Event{9, 2, 1}));
  EXPECT_THAT(set.samples[1].events, ElementsAre(Event{1, 2, 1}));
  EXPECT_THAT(failure(), HasSubstr("give --dt"));
  options.inputShape = {4};
  EXPECT_THAT(failure(options),
              HasSubstr("found events of 3 neurons, the network's input is "
                        "(4)"));
}

TEST_F(NirData, ValuesAddUp) {
  writeEvents(true);
  ReadOptions options;
  options.dtSeconds = 0.1;
  EXPECT_THAT(read(options).samples[0].events,
              ElementsAre(Event{0, 0, 1}, Event{3, 1, 2.5f}, Event{9, 2, -1}));
}

TEST_F(NirData, OneOfSeveralRecordings) {
  {
    Writer writer(path);
    for (const char *node : {"a", "b"})
      for (const char *name : {"v", "spikes"}) {
        const std::string where =
            writer.observable(node, name, "TimeGriddedData");
        writer.number(where, "dt", 0.001);
        writer.dataset<float>(where + "/data", H5T_NATIVE_FLOAT, {1, 2, 1},
                              {1, *node == 'a' ? 2.0f : 3.0f});
      }
  }
  EXPECT_THAT(failure(),
              HasSubstr("'a' (spikes), 'a' (v), 'b' (spikes) and 'b' (v); "
                        "one is needed"));
  ReadOptions options;
  options.node = "b";
  options.observable = "v";
  EXPECT_THAT(read(options).samples[0].events,
              ElementsAre(Event{0, 0, 1}, Event{1, 0, 3}));
  options.node = "c";
  EXPECT_THAT(failure(options), HasSubstr("not the one that was asked for"));
}

TEST_F(NirData, DamageIsReported) {
  {
    Writer writer(path);
    writer.observable("a", "spikes", "TimeGriddedData");
  }
  EXPECT_THAT(failure(), HasSubstr("dataset 'data': is missing"));
  {
    // declared but never written: 2^40 elements without a byte
    Writer writer(path);
    const std::string where =
        writer.observable("a", "spikes", "TimeGriddedData");
    writer.dataset<float>(where + "/data", H5T_NATIVE_FLOAT,
                          {1, 1 << 20, 1 << 20}, {});
  }
  EXPECT_THAT(failure(), HasSubstr("can hold"));
  {
    Writer writer(path);
    writer.observable("a", "spikes", "Mystery");
  }
  EXPECT_THAT(failure(), HasSubstr("type 'Mystery' are not known"));
  writeEvents(false);
  for (uintmax_t size = fs::file_size(path); size > 8; size /= 2) {
    fs::resize_file(path, size / 2);
    EXPECT_NE(failure(), "");
  }
}

} // namespace
} // namespace hillock::runtime
