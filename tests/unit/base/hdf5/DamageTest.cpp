//===- tests/unit/base/hdf5/DamageTest.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that are damaged or made up: each ends in an error that says what is
// wrong, without more memory or time than the file justifies.
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Lzf.h"
#include "tests/unit/base/hdf5/Oracle.h"

namespace hillock::hdf5::test {
namespace {

using testing::HasSubstr;

TEST(Lzf, ExpandsLiteralsAndOverlappingReferences) {
  // Three literals, then nine bytes from three bytes back (a length field of 7
  // and an extra byte of 0).
  EXPECT_EQ(expandLzf(std::string("\x02"
                                  "abc\xE0\x00\x02",
                                  7),
                      100),
            "abcabcabcabc");
  // A length field of 1 stands for 3 bytes.
  EXPECT_EQ(expandLzf(std::string("\x00x\x20\x00", 4), 100), "xxxx");
}

TEST(Lzf, RefusesDamagedStreams) {
  for (std::string stream :
       {std::string("\x00x\x20\x01", 4),      // From before the start.
        std::string("\x05x", 2),              // Cut in literals.
        std::string("\x00x\xE0\x09", 4),      // No distance.
        std::string("\x00x\xE0\xff\x00", 5)}) // 264 bytes.
    EXPECT_FALSE(expandLzf(stream, 100)) << stream;
}

TEST(Checksum, IsThatOfItsAuthor) {
  // From the comments of Jenkins' lookup3.c (driver5, hashlittle).
  EXPECT_EQ(checksum(""), 0xdeadbeefu);
  EXPECT_EQ(checksum("Four score and seven years ago"), 0x17770551u);
}

/// All errors that reading everything gives, one a line.
std::string problemsOf(std::string_view bytes) {
  auto file = File::openMemory(bytes);
  if (!file)
    return textOf(std::move(file));
  std::string problems;
  auto links = file->links(file->root());
  if (!links)
    return textOf(std::move(links));
  for (const Link &link : *links) {
    auto object = file->object(link.address);
    if (!object) {
      problems += textOf(std::move(object)) + "\n";
      continue;
    }
    if (!object->data)
      continue;
    auto values = file->read(*object->data);
    if (!values)
      problems += textOf(std::move(values)) + "\n";
    else if (values->type.kind == TypeClass::Text)
      problems += textOf(file->texts(*values));
  }
  return problems;
}

/// A file with one data set "data" of \p count floats.
std::string fileOf(uint64_t count, hid_t creation, bool isLatest = false) {
  return makeFile({isLatest, 0}, [&](hid_t file) {
    auto values = std::vector<double>(count, 0);
    H5Dclose(makeData(file, "data", H5T_IEEE_F32LE, {count}, values.data(),
                      H5T_NATIVE_DOUBLE, creation));
  });
}

hid_t deflated(hsize_t chunk) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, &chunk);
  H5Pset_deflate(creation, 9);
  return creation;
}

/// \p bytes with \p from replaced by \p to, which must be as long.
std::string replaced(std::string bytes, const std::string &from,
                     const std::string &to) {
  size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos);
  bytes.replace(at, from.size(), to);
  return bytes;
}

std::string littleEndian(uint64_t value, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i)
    bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

TEST(Damage, NoFile) {
  EXPECT_THAT(problemsOf("hello"), HasSubstr("not an HDF5 file"));
  EXPECT_THAT(problemsOf(std::string(100000, '\x89')),
              HasSubstr("not an HDF5 file"));
  EXPECT_THAT(problemsOf("\x89HDF\r\n\x1a\n\x07"),
              HasSubstr("unknown version 7"));
  std::string bytes = fileOf(1000, H5P_DEFAULT);
  EXPECT_EQ(problemsOf(bytes), "");
  EXPECT_THAT(problemsOf(bytes.substr(0, bytes.size() - 100)),
              HasSubstr("cut short"));
  for (size_t size : {8, 12, 60})
    EXPECT_THAT(problemsOf(bytes.substr(0, size)), HasSubstr("cut short"));
}

TEST(Damage, ShapesBeyondTheFile) {
  // 1000 elements become 2^40, in the shape and nowhere else: 1000 stands
  // first in the shape.
  std::string shape = littleEndian(1000, 8),
              large = littleEndian(1ull << 40, 8);
  EXPECT_THAT(problemsOf(replaced(fileOf(1000, H5P_DEFAULT), shape, large)),
              HasSubstr("more than the file"));
  hid_t creation = deflated(1000);
  EXPECT_THAT(problemsOf(replaced(fileOf(1000, creation), shape, large)),
              HasSubstr("more than the file"));
  H5Pclose(creation);
}

TEST(Damage, BombsOfCompression) {
  // 40 MB of zeros in 40 kB are what deflate can do; the same with a shape of
  // 2^34 elements in one chunk is not.
  hid_t creation = deflated(10000000);
  std::string bytes = fileOf(10000000, creation);
  EXPECT_EQ(problemsOf(bytes), "");
  H5Pclose(creation);
  bytes =
      replaced(bytes, littleEndian(10000000, 8), littleEndian(1ull << 30, 8));
  bytes =
      replaced(bytes, littleEndian(10000000, 4), littleEndian(1ull << 30, 4));
  EXPECT_THAT(problemsOf(bytes), HasSubstr("more than the file"));
}

TEST(Damage, CirclesOfHeaders) {
  std::string bytes = makeFile({}, [](hid_t file) {
    hid_t space = H5Screate(H5S_SCALAR);
    for (int i = 0; i < 20; ++i) // Needs a second block of the header.
      H5Aclose(H5Acreate2(file, ("a" + std::to_string(i)).c_str(),
                          H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
  });
  EXPECT_EQ(problemsOf(bytes), "");
  // The message of a further block: type 0x10 of 16 bytes; then its address.
  size_t at = bytes.find(std::string("\x10\0\x10\0\0\0\0\0", 8));
  ASSERT_NE(at, std::string::npos);
  std::string address = bytes.substr(at + 8, 8);
  size_t block = static_cast<uint8_t>(address[0]) +
                 256u * static_cast<uint8_t>(address[1]);
  bytes.replace(block, 24, bytes.substr(at, 24));
  EXPECT_THAT(problemsOf(bytes), HasSubstr("circle"));
}

TEST(Damage, ChecksumsOfNewFiles) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  std::string bytes = fileOf(1000, creation, true);
  H5Pclose(creation);
  EXPECT_EQ(problemsOf(bytes), "");
  int found = 0;
  for (size_t i = 12; i < 600; ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    found += problemsOf(damaged).find("checksum") != std::string::npos;
  }
  EXPECT_GT(found, 150); // Superblock and headers; the rest are numbers.
}

TEST(Damage, FletcherChecksums) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  hsize_t chunk = 1000;
  H5Pset_chunk(creation, 1, &chunk);
  H5Pset_fletcher32(creation);
  std::string bytes = makeFile({}, [&](hid_t file) {
    auto values = someNumbers(1000);
    H5Dclose(makeData(file, "data", H5T_IEEE_F32LE, {1000}, values.data(),
                      H5T_NATIVE_DOUBLE, creation));
  });
  H5Pclose(creation);
  EXPECT_EQ(problemsOf(bytes), "");
  float first = -9000;
  std::string start(reinterpret_cast<const char *>(&first), 4);
  EXPECT_THAT(problemsOf(replaced(bytes, start, "abcd")),
              HasSubstr("chunk is damaged"));
}

TEST(Damage, UnknownFilters) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  hsize_t chunk = 100;
  H5Pset_chunk(creation, 1, &chunk);
  H5Pset_scaleoffset(creation, H5Z_SO_FLOAT_DSCALE, 2);
  std::string bytes = fileOf(1000, creation);
  H5Pclose(creation);
  EXPECT_THAT(problemsOf(bytes), HasSubstr("filter 6 'scaleoffset'"));
}

TEST(Damage, EveryByteOfSmallFiles) {
  for (bool isLatest : {false, true}) {
    hid_t creation = deflated(20);
    std::string bytes = fileOf(50, creation, isLatest);
    H5Pclose(creation);
    for (size_t i = 0; i < bytes.size(); ++i)
      for (int value : {0x00, 0xff, bytes[i] ^ 1, bytes[i] + 1}) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(value);
        problemsOf(damaged); // Ends.
      }
  }
}

} // namespace
} // namespace hillock::hdf5::test
