//===- tests/unit/base/hdf5/Oracle.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/base/hdf5/Oracle.h"
#include "base/AtomicFile.h"
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace hillock::hdf5::test {

std::string makeFile(const Making &making,
                     const std::function<void(hid_t)> &fill) {
  // On disk, because the library gives images of open files only, whose newer
  // superblocks have a wrong checksum.
  std::string folder =
      (std::filesystem::temp_directory_path() / "hlkXXXXXX").string();
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  std::string path = folder + "/made.h5";
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  if (making.isLatest)
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  H5Pset_userblock(creation, making.userBlock);
  hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access);
  H5Pclose(creation);
  H5Pclose(access);
  fill(file);
  EXPECT_GE(H5Fclose(file), 0);
  auto bytes = readFile(path);
  EXPECT_TRUE(bool(bytes));
  std::filesystem::remove_all(folder);
  return bytes ? *bytes : "";
}

hid_t makeData(hid_t parent, const std::string &name, hid_t type,
               const std::vector<hsize_t> &dims, const void *values,
               hid_t memoryType, hid_t creation,
               const std::vector<hsize_t> &maxDims) {
  hid_t space =
      dims.empty()
          ? H5Screate(H5S_SCALAR)
          : H5Screate_simple(static_cast<int>(dims.size()), dims.data(),
                             maxDims.empty() ? nullptr : maxDims.data());
  hid_t data = H5Dcreate2(parent, name.c_str(), type, space, H5P_DEFAULT,
                          creation, H5P_DEFAULT);
  EXPECT_GE(data, 0) << name;
  if (values)
    EXPECT_GE(H5Dwrite(data, memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
              0)
        << name;
  H5Sclose(space);
  return data;
}

std::vector<double> someNumbers(uint64_t count) {
  std::vector<double> values(count);
  for (uint64_t i = 0; i < count; ++i)
    values[i] = static_cast<double>((i * 7919) % 65521) / 3 - 9000;
  return values;
}

static void collect(const File &file, uint64_t group, const std::string &path,
                    int depth, std::map<std::string, uint64_t> &found) {
  auto links = file.links(group);
  ASSERT_TRUE(bool(links)) << path << textOf(std::move(links));
  for (const Link &link : *links) {
    if (link.address == noAddress)
      continue;
    found[path + link.name] = link.address;
    auto object = file.object(link.address);
    ASSERT_TRUE(bool(object)) << path << textOf(std::move(object));
    if (object->kind == ObjectKind::Group && depth < 8)
      collect(file, link.address, path + link.name + "/", depth + 1, found);
  }
}

std::map<std::string, uint64_t> objectsOf(const File &file) {
  std::map<std::string, uint64_t> found;
  collect(file, file.root(), "", 0, found);
  return found;
}

namespace {

/// One data set as the library reads it.
struct Expectation {
  H5T_class_t kind = H5T_NO_CLASS;
  std::vector<uint64_t> dims;
  std::vector<double> doubles;
  std::vector<int64_t> integers;
  std::vector<std::string> texts;
};

std::vector<std::string> readTexts(hid_t data, hid_t type, size_t count) {
  std::vector<std::string> texts;
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char *> pointers(count);
    EXPECT_GE(
        H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), 0);
    for (char *pointer : pointers) {
      texts.emplace_back(pointer ? pointer : "");
      H5free_memory(pointer);
    }
    return texts;
  }
  size_t size = H5Tget_size(type);
  std::string raw(count * size, '\0');
  EXPECT_GE(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()), 0);
  for (size_t i = 0; i < count; ++i) {
    std::string text = raw.substr(i * size, size);
    text = text.substr(0, text.find('\0'));
    if (H5Tget_strpad(type) == H5T_STR_SPACEPAD)
      text.resize(text.find_last_not_of(' ') + 1);
    texts.push_back(text);
  }
  return texts;
}

Expectation readData(hid_t data) {
  Expectation result;
  hid_t type = H5Dget_type(data), space = H5Dget_space(data);
  result.kind = H5Tget_class(type);
  hsize_t dims[H5S_MAX_RANK] = {};
  int rank = H5Sget_simple_extent_dims(space, dims, nullptr);
  result.dims.assign(dims, dims + std::max(rank, 0));
  size_t count = static_cast<size_t>(H5Sget_simple_extent_npoints(space));
  if (H5Sget_simple_extent_type(space) == H5S_NULL)
    count = 0;
  if (count == 0) {
    // Nothing to read.
  } else if (result.kind == H5T_FLOAT) {
    result.doubles.resize(count);
    EXPECT_GE(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                      result.doubles.data()),
              0);
  } else if (result.kind == H5T_INTEGER || result.kind == H5T_ENUM) {
    hid_t base = result.kind == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type);
    result.integers.resize(count);
    EXPECT_GE(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                      result.integers.data()),
              0);
    EXPECT_GE(H5Tconvert(base, H5T_NATIVE_INT64, count, result.integers.data(),
                         nullptr, H5P_DEFAULT),
              0);
    H5Tclose(base);
  } else if (result.kind == H5T_STRING) {
    result.texts = readTexts(data, type, count);
  }
  H5Tclose(type);
  H5Sclose(space);
  return result;
}

void expectSame(File &file, uint64_t address, const Expectation &expected) {
  auto object = file.object(address);
  ASSERT_TRUE(bool(object)) << textOf(std::move(object));
  ASSERT_TRUE(object->data.has_value());
  EXPECT_EQ(object->data->space.dims, expected.dims);
  auto values = file.read(*object->data);
  ASSERT_TRUE(bool(values)) << textOf(std::move(values));
  switch (expected.kind) {
  case H5T_FLOAT: {
    EXPECT_EQ(values->type.kind, TypeClass::Float);
    std::vector<double> found = toDoubles(*values);
    ASSERT_EQ(found.size(), expected.doubles.size());
    for (size_t i = 0; i < found.size(); ++i) {
      double wanted = expected.doubles[i];
      EXPECT_TRUE(found[i] == wanted ||
                  (std::isnan(found[i]) && std::isnan(wanted)))
          << found[i] << " != " << wanted << " at " << i;
    }
    break;
  }
  case H5T_INTEGER:
  case H5T_ENUM:
    EXPECT_TRUE(values->type.isNumeric());
    EXPECT_EQ(toIntegers(*values), expected.integers);
    break;
  case H5T_STRING: {
    EXPECT_EQ(values->type.kind, TypeClass::Text);
    auto texts = file.texts(*values);
    ASSERT_TRUE(bool(texts)) << textOf(std::move(texts));
    EXPECT_EQ(*texts, expected.texts);
    break;
  }
  default:
    break;
  }
}

herr_t addPath(hid_t, const char *name, const H5L_info_t *, void *data) {
  static_cast<std::vector<std::string> *>(data)->push_back(name);
  return 0;
}

} // namespace

int expectSameAsLibrary(std::string_view bytes, const std::string &what) {
  SCOPED_TRACE(what);
  auto file = File::openMemory(bytes);
  EXPECT_TRUE(bool(file)) << textOf(std::move(file));
  if (!file)
    return 0;
  std::map<std::string, uint64_t> ours = objectsOf(*file);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 16, false);
  H5Pset_file_image(access, const_cast<char *>(bytes.data()), bytes.size());
  hid_t library = H5Fopen("compared.h5", H5F_ACC_RDONLY, access);
  H5Pclose(access);
  EXPECT_GE(library, 0);
  std::vector<std::string> theirs;
  H5Lvisit(library, H5_INDEX_NAME, H5_ITER_NATIVE, addPath, &theirs);
  int count = 0;
  for (const std::string &path : theirs) {
    SCOPED_TRACE(path);
    EXPECT_EQ(ours.count(path), 1u);
    H5O_info_t info = {};
    H5Oget_info_by_name2(library, path.c_str(), &info, H5O_INFO_BASIC,
                         H5P_DEFAULT);
    if (info.type != H5O_TYPE_DATASET || !ours.count(path))
      continue;
    hid_t data = H5Dopen2(library, path.c_str(), H5P_DEFAULT);
    expectSame(*file, ours[path], readData(data));
    H5Dclose(data);
    ++count;
  }
  EXPECT_EQ(ours.size(), theirs.size());
  H5Fclose(library);
  return count;
}

} // namespace hillock::hdf5::test
