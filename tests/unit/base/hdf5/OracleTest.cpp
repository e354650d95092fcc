//===- tests/unit/base/hdf5/OracleTest.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values that the HDF5 library reads from files that it wrote, in all layouts
// that Python's h5py uses and then some.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/base/hdf5/Oracle.h"
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace hillock::hdf5::test {
namespace {

using Dims = std::vector<hsize_t>;

class Versions : public testing::TestWithParam<bool> {
protected:
  Making making() const { return {GetParam(), 0}; }
  std::string version() const { return GetParam() ? "latest" : "earliest"; }
};

INSTANTIATE_TEST_SUITE_P(Hdf5, Versions, testing::Bool(), [](const auto &info) {
  return std::string(info.param ? "Latest" : "Earliest");
});

void close(hid_t data) { H5Dclose(data); }

/// A data set of someNumbers as floats of four bytes.
void addFloats(hid_t file, const std::string &name, const Dims &dims,
               hid_t creation, const Dims &maxDims = {}) {
  uint64_t count = 1;
  for (hsize_t dim : dims)
    count *= dim;
  auto values = someNumbers(count);
  close(makeData(file, name, H5T_IEEE_F32LE, dims, values.data(),
                 H5T_NATIVE_DOUBLE, creation, maxDims));
}

TEST_P(Versions, NumbersOfAllTypes) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    auto values = someNumbers(50);
    struct Named {
      const char *name;
      hid_t type;
    };
    for (Named one : {Named{"i8", H5T_STD_I8LE},
                      {"u8", H5T_STD_U8BE},
                      {"i16", H5T_STD_I16LE},
                      {"i16be", H5T_STD_I16BE},
                      {"u16", H5T_STD_U16LE},
                      {"i32", H5T_STD_I32LE},
                      {"u32be", H5T_STD_U32BE},
                      {"i64", H5T_STD_I64LE},
                      {"i64be", H5T_STD_I64BE},
                      {"u64", H5T_STD_U64LE},
                      {"f32", H5T_IEEE_F32LE},
                      {"f32be", H5T_IEEE_F32BE},
                      {"f64", H5T_IEEE_F64LE},
                      {"f64be", H5T_IEEE_F64BE}})
      close(makeData(file, one.name, one.type, {5, 10}, values.data(),
                     H5T_NATIVE_DOUBLE));
    uint64_t large[] = {~uint64_t{0} >> 1, uint64_t{1} << 62, 5};
    close(
        makeData(file, "large", H5T_STD_U64BE, {3}, large, H5T_NATIVE_UINT64));
    // Bits in the middle of an integer.
    hid_t odd = H5Tcopy(H5T_STD_I32LE);
    H5Tset_precision(odd, 17);
    H5Tset_offset(odd, 5);
    close(makeData(file, "odd", odd, {50}, values.data(), H5T_NATIVE_DOUBLE));
    H5Tclose(odd);
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 16);
}

TEST_P(Versions, FloatsOfAllKinds) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    std::vector<double> values = someNumbers(40);
    for (double special : {0.0, -0.0, HUGE_VAL, -HUGE_VAL, std::nan(""), 5e-8,
                           1e-7, 65504.0, 1e-40, 5e-324})
      values.push_back(special);
    // Numpy's float16, as h5py writes it.
    hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    hid_t halfBig = H5Tcopy(half);
    H5Tset_order(halfBig, H5T_ORDER_BE);
    // Google's bfloat16.
    hid_t brain = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(brain, 15, 7, 8, 0, 7);
    H5Tset_size(brain, 2);
    H5Tset_ebias(brain, 127);
    for (hid_t type : {half, halfBig, brain, H5T_IEEE_F32LE, H5T_IEEE_F64BE}) {
      static int number = 0;
      close(makeData(file, "f" + std::to_string(number++), type, {50},
                     values.data(), H5T_NATIVE_DOUBLE));
    }
    for (hid_t type : {half, halfBig, brain})
      H5Tclose(type);
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 5);
}

TEST_P(Versions, TextsAndEnumerations) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    const char *texts[] = {"one",         "", "three is longer", "vier",
                           "f\xc3\xbcnf", "6"};
    hid_t variable = H5Tcopy(H5T_C_S1);
    H5Tset_size(variable, H5T_VARIABLE);
    close(makeData(file, "scalar", variable, {}, texts, variable));
    close(makeData(file, "list", variable, {3, 2}, texts, variable));
    close(makeData(file, "unwritten", variable, {2}, nullptr, variable));
    hid_t chunked = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[] = {2, 1};
    H5Pset_chunk(chunked, 2, chunk);
    H5Pset_shuffle(chunked);
    H5Pset_deflate(chunked, 6);
    close(
        makeData(file, "chunked", variable, {3, 2}, texts, variable, chunked));
    for (H5T_str_t pad :
         {H5T_STR_NULLTERM, H5T_STR_NULLPAD, H5T_STR_SPACEPAD}) {
      hid_t fixed = H5Tcopy(H5T_C_S1);
      H5Tset_size(fixed, 4);
      H5Tset_strpad(fixed, pad);
      close(makeData(file, "fixed" + std::to_string(pad), fixed, {3},
                     pad == H5T_STR_SPACEPAD ? "ab  abcd    "
                                             : "ab\0\0abc\0\0\0\0\0",
                     fixed));
      H5Tclose(fixed);
    }
    hid_t truth = H5Tenum_create(H5T_STD_I8LE);
    int8_t no = 0, yes = 1;
    H5Tenum_insert(truth, "FALSE", &no);
    H5Tenum_insert(truth, "TRUE", &yes);
    int8_t bits[] = {0, 1, 1, 0, 1};
    close(makeData(file, "truth", truth, {5}, bits, truth));
    H5Tcommit2(file, "named", truth, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    close(makeData(file, "of named", truth, {5}, bits, truth));
    H5Tclose(truth);
    H5Tclose(variable);
    H5Pclose(chunked);
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 9);
}

TEST_P(Versions, LayoutsAndFilters) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    hid_t compact = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(compact, H5D_COMPACT);
    addFloats(file, "compact", {7, 9}, compact);
    H5Pclose(compact);
    addFloats(file, "contiguous", {7, 9}, H5P_DEFAULT);
    addFloats(file, "scalar", {}, H5P_DEFAULT);
    for (int filters = 0; filters < 16; ++filters) {
      hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
      hsize_t chunk[] = {4, 5};
      H5Pset_chunk(creation, 2, chunk);
      if (filters & 1)
        H5Pset_shuffle(creation);
      if (filters & 2)
        H5Pset_deflate(creation, 9);
      if (filters & 4)
        H5Pset_fletcher32(creation);
      // Only newer files can: chunks that stick out are not filtered.
      if (filters & 8)
        H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
      std::string name = "filters" + std::to_string(filters);
      addFloats(file, name, {11, 13}, creation);
      addFloats(file, name + " growing", {11, 13}, creation,
                {H5S_UNLIMITED, 20});
      addFloats(file, name + " growing wide", {11, 13}, creation,
                {40, H5S_UNLIMITED});
      addFloats(file, name + " growing both", {11, 13}, creation,
                {H5S_UNLIMITED, H5S_UNLIMITED});
      addFloats(file, name + " to grow", {11, 13}, creation, {40, 50});
      addFloats(file, name + " one chunk", {4, 5}, creation);
      addFloats(file, name + " part of a chunk", {3, 2}, creation, {8, 8});
      H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
      addFloats(file, name + " allocated early", {11, 13}, creation);
      addFloats(file, name + " early, to grow", {11, 13}, creation, {40, 50});
      H5Pclose(creation);
    }
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 3 + 16 * 9);
}

TEST_P(Versions, ManyChunks) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    for (bool isFiltered : {false, true}) {
      hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
      hsize_t chunk[] = {3, 1};
      H5Pset_chunk(creation, 2, chunk);
      if (isFiltered)
        H5Pset_deflate(creation, 1);
      std::string name = isFiltered ? "filtered" : "plain";
      // Fixed arrays in pages, extensible arrays with super blocks and pages,
      // B-trees with inner nodes.
      addFloats(file, name, {100, 90}, creation);
      addFloats(file, name + " growing", {3000, 12}, creation,
                {H5S_UNLIMITED, 15});
      addFloats(file, name + " growing both", {200, 40}, creation,
                {H5S_UNLIMITED, H5S_UNLIMITED});
      hsize_t tiny[] = {1, 1};
      H5Pset_chunk(creation, 2, tiny);
      addFloats(file, name + " scattered", {4, 5}, creation,
                {H5S_UNLIMITED, 60000});
      H5Pclose(creation);
    }
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 8);
}

TEST_P(Versions, PartsThatWereNeverWritten) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    float seven = 7;
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_fill_value(creation, H5T_NATIVE_FLOAT, &seven);
    close(makeData(file, "contiguous", H5T_IEEE_F64BE, {5}, nullptr,
                   H5T_NATIVE_DOUBLE, creation));
    hsize_t chunk[] = {4};
    H5Pset_chunk(creation, 1, chunk);
    close(makeData(file, "chunked", H5T_IEEE_F32LE, {50}, nullptr,
                   H5T_NATIVE_DOUBLE, creation));
    hid_t data = makeData(file, "in part", H5T_STD_I16LE, {50}, nullptr,
                          H5T_NATIVE_DOUBLE, creation, {H5S_UNLIMITED});
    hsize_t first[] = {21}, count[] = {6};
    hid_t space = H5Dget_space(data),
          memory = H5Screate_simple(1, count, count);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, first, nullptr, count, nullptr);
    auto values = someNumbers(6);
    H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT,
             values.data());
    hsize_t less[] = {23}, more[] = {70};
    H5Dset_extent(data, less);
    H5Dset_extent(data, more);
    H5Sclose(space);
    H5Sclose(memory);
    H5Dclose(data);
    H5Pclose(creation);
    close(makeData(file, "empty", H5T_IEEE_F32LE, {0, 5}, nullptr,
                   H5T_NATIVE_DOUBLE));
    hid_t null = H5Screate(H5S_NULL);
    close(H5Dcreate2(file, "null", H5T_IEEE_F32LE, null, H5P_DEFAULT,
                     H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(null);
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 5);
}

TEST_P(Versions, LargeGroups) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    for (int size : {1, 9, 150, 4000}) {
      std::string path = "group of " + std::to_string(size);
      hid_t group =
          H5Gcreate2(file, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      double value = size;
      close(makeData(group, "first", H5T_IEEE_F64LE, {}, &value,
                     H5T_NATIVE_DOUBLE));
      // Names for one object.
      for (int i = 1; i < size; ++i)
        H5Lcreate_hard(group, "first", group,
                       ("entry number " + std::to_string(i * 7919)).c_str(),
                       H5P_DEFAULT, H5P_DEFAULT);
      H5Gclose(group);
    }
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 1 + 9 + 150 + 4000);
}

TEST_P(Versions, LargeGroupsOfOwnObjects) {
  std::string bytes = makeFile(making(), [](hid_t file) {
    for (int i = 0; i < 300; ++i) {
      double value = i;
      close(makeData(file, "entry" + std::to_string(i), H5T_IEEE_F64LE, {},
                     &value, H5T_NATIVE_DOUBLE));
    }
  });
  EXPECT_EQ(expectSameAsLibrary(bytes, version()), 300);
}

TEST_P(Versions, UserBlocks) {
  for (hsize_t size : {512, 4096}) {
    Making making = this->making();
    making.userBlock = size;
    std::string bytes = makeFile(making, [](hid_t file) {
      addFloats(file, "numbers", {4, 5}, H5P_DEFAULT);
    });
    EXPECT_EQ(expectSameAsLibrary(bytes, version()), 1);
  }
}

TEST_P(Versions, Attributes) {
  // More than eight move to a heap of their own.
  for (int count : {3, 40}) {
    std::string bytes = makeFile(making(), [&](hid_t file) {
      hid_t space = H5Screate(H5S_SCALAR), text = H5Tcopy(H5T_C_S1);
      H5Tset_size(text, H5T_VARIABLE);
      for (int i = 0; i < count; ++i) {
        std::string name = "number" + std::to_string(i);
        hid_t attribute = H5Acreate2(file, name.c_str(), H5T_STD_I32BE, space,
                                     H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attribute, H5T_NATIVE_INT, &i);
        H5Aclose(attribute);
      }
      const char *value = "a text";
      hid_t attribute =
          H5Acreate2(file, "text", text, space, H5P_DEFAULT, H5P_DEFAULT);
      H5Awrite(attribute, text, &value);
      H5Aclose(attribute);
      H5Tclose(text);
      H5Sclose(space);
    });
    auto file = File::openMemory(bytes);
    ASSERT_TRUE(bool(file)) << textOf(std::move(file));
    for (int i = 0; i < count; ++i) {
      auto value = file->attribute(file->root(), "number" + std::to_string(i));
      ASSERT_TRUE(bool(value)) << textOf(std::move(value));
      ASSERT_TRUE(value->has_value());
      EXPECT_EQ(toIntegers(**value), std::vector<int64_t>{i});
    }
    auto value = file->attribute(file->root(), "text");
    ASSERT_TRUE(bool(value) && *value);
    auto texts = file->texts(**value);
    ASSERT_TRUE(bool(texts)) << textOf(std::move(texts));
    EXPECT_EQ(*texts, std::vector<std::string>{"a text"});
    auto missing = file->attribute(file->root(), "missing");
    ASSERT_TRUE(bool(missing));
    EXPECT_FALSE(missing->has_value());
  }
}

TEST(Hdf5, FilesOfTheDataFolder) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  int files = 0;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    std::string extension = entry.path().extension().string();
    if (extension != ".nir" && extension != ".nirdata" && extension != ".h5" &&
        extension != ".net")
      continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(stream)),
                      std::istreambuf_iterator<char>());
    EXPECT_GT(expectSameAsLibrary(bytes, entry.path().filename().string()), 0);
    ++files;
  }
  EXPECT_GE(files, 10);
}

} // namespace
} // namespace hillock::hdf5::test
