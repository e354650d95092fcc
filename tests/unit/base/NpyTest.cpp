//===- tests/unit/base/NpyTest.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Npy.h"
#include "base/AtomicFile.h"
#include "base/Csv.h"
#include "base/Random.h"
#include "base/Zip.h"
#include <cmath>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string data(const std::string &name) {
  const char *folder = std::getenv("HILLOCK_DATA");
  return folder ? std::string(folder) + "/" + name : "";
}

/// A .npy file as the format's description has it (numpy NEP 1).
std::string npy(const std::string &header, const std::string &body,
                int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + body;
}

std::string dict(const std::string &descr, const std::string &shape,
                 bool fortran = false) {
  return "{'descr': '" + descr +
         "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

std::string failure(const std::string &bytes) {
  Expected<NdArray> array = parseNpy(bytes, "f.npy");
  return array ? "" : takeText(array.takeError());
}

std::vector<double> values(const std::string &bytes) {
  Expected<NdArray> array = parseNpy(bytes, "f.npy");
  if (array)
    return array->toDoubles();
  ADD_FAILURE() << takeText(array.takeError());
  return {};
}

TEST(Npy, ReadsEveryType) {
  auto body = [](std::initializer_list<int> list) {
    std::string text;
    for (int byte : list)
      text += static_cast<char>(byte);
    return text;
  };
  EXPECT_THAT(values(npy(dict("|b1", "(2,)"), body({0, 1}))),
              ElementsAre(0, 1));
  EXPECT_THAT(values(npy(dict("|i1", "(2,)"), body({255, 127}))),
              ElementsAre(-1, 127));
  EXPECT_THAT(values(npy(dict("|u1", "(1,)"), body({255}))), ElementsAre(255));
  EXPECT_THAT(values(npy(dict("<i2", "(1,)"), body({0, 0x80}))),
              ElementsAre(-32768));
  EXPECT_THAT(values(npy(dict(">u2", "(2,)"), body({1, 2, 255, 255}))),
              ElementsAre(258, 65535));
  EXPECT_THAT(values(npy(dict(">i4", "(1,)"), body({255, 255, 255, 254}))),
              ElementsAre(-2));
  EXPECT_THAT(values(npy(dict("<u4", "(1,)"), body({0, 0, 0, 128}))),
              ElementsAre(2147483648.0));
  EXPECT_THAT(values(npy(dict("<i8", "()"), body({5, 0, 0, 0, 0, 0, 0, 0}))),
              ElementsAre(5));
  EXPECT_THAT(values(npy(dict(">u8", "(1,)"), body({0, 0, 0, 1, 0, 0, 0, 0}))),
              ElementsAre(4294967296.0));
  // IEEE 754: 1.5, -2, the largest, the smallest, infinity
  EXPECT_THAT(values(npy(dict("<f2", "(5,)"),
                         body({0, 0x3e, 0, 0xc0, 0xff, 0x7b, 1, 0, 0, 0x7c}))),
              ElementsAre(1.5, -2, 65504, std::ldexp(1, -24), HUGE_VAL));
  EXPECT_THAT(values(npy(dict(">f4", "(1,)"), body({0x3f, 0x80, 0, 0}))),
              ElementsAre(1));
  EXPECT_THAT(
      values(npy(dict("<f8", "(1,)"), body({0, 0, 0, 0, 0, 0, 0xe0, 0x3f}))),
      ElementsAre(0.5));
}

TEST(Npy, FortranOrderBecomesCOrder) {
  // [[1 2 3] [4 5 6]] column by column
  EXPECT_THAT(values(npy(dict("|u1", "(2, 3)", true), "\1\4\2\5\3\6")),
              ElementsAre(1, 2, 3, 4, 5, 6));
  // element (i, j, k) of shape (2, 2, 2) has value 4i + 2j + k
  EXPECT_THAT(values(npy(dict("|u1", "(2, 2, 2)", true),
                         std::string("\0\4\2\6\1\5\3\7", 8))),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(Npy, VersionsAndHeaderStyles) {
  EXPECT_THAT(values(npy(dict("|u1", "(1,)"), "\7", 2)), ElementsAre(7));
  EXPECT_THAT(values(npy(dict("|u1", "(1,)"), "\7", 3)), ElementsAre(7));
  EXPECT_THAT(values(npy("{\"shape\":(2L,1L),\"fortran_order\":False,"
                         "\"descr\":\"u1\"}",
                         "\1\2")),
              ElementsAre(1, 2));
  EXPECT_TRUE(values(npy(dict("<f8", "(3, 0, 2)"), "")).empty());
}

TEST(Npy, HostileFilesAreRefused) {
  EXPECT_THAT(failure(""), HasSubstr("does not begin"));
  EXPECT_THAT(failure("\x93NUMPY"), HasSubstr("version 0"));
  EXPECT_THAT(failure(npy("{}", "", 9)), HasSubstr("version 9"));
  EXPECT_THAT(failure(std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12)),
              HasSubstr("4,294,967,295 bytes at offset 12 does not fit"));
  EXPECT_THAT(failure(npy("{}", "")), HasSubstr("lacks"));
  EXPECT_THAT(failure(npy(dict("<f8", "(3,)"), "12345678")),
              HasSubstr("shape (3) of float64 needs more than the 8 bytes"));
  EXPECT_THAT(failure(npy(dict("|u1", "(2,)"), "123")),
              HasSubstr("1 byte follow"));
  // 2^32 * 2^32 elements are 0 modulo 2^64
  EXPECT_THAT(failure(npy(dict("|u1", "(4294967296, 4294967296)"), "")),
              HasSubstr("needs more"));
  EXPECT_THAT(failure(npy(dict("<f8", "(2305843009213693952,)"), "12345678")),
              HasSubstr("needs more"));
  EXPECT_THAT(failure(npy(dict("|u1", "(99999999999999999999,)"), "")),
              HasSubstr("tuple"));
  EXPECT_THAT(failure(npy(dict("|u1", "(-1,)"), "")), HasSubstr("tuple"));
  EXPECT_THAT(failure(npy(dict("|O", "(1,)"), "x")),
              HasSubstr("'|O' are not supported"));
  EXPECT_THAT(failure(npy("{'descr': [('x', '<f4')], 'fortran_order': False, "
                          "'shape': (1,)}",
                          "1234")),
              HasSubstr("records"));
  EXPECT_THAT(failure(npy("{'descr': __import__('os')}", "")),
              HasSubstr("expected"));
  std::string deep = "(";
  for (int i = 0; i < 100; ++i)
    deep += "1,";
  EXPECT_THAT(failure(npy(dict("|u1", deep + ")"), "x")), HasSubstr("64"));
  // no dimension of a zero-sized array overflows a stride
  EXPECT_EQ(
      failure(
          npy(dict("<f8", "(0, 100000000000000000, 100000000000000000)", true),
              "")),
      "");
  EXPECT_THAT(failure(npy(dict("|u1", "(5,)"), "")), HasSubstr("f.npy"));
}

TEST(Npy, WriterAgreesWithNumpy) {
  const NdArray array = NdArray::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const std::string bytes = npyBytes(array);
  EXPECT_EQ((bytes.size() - array.bytes.size()) % 64, 0u);
  Expected<NdArray> back = parseNpy(bytes, "x");
  ASSERT_TRUE(bool(back));
  EXPECT_EQ(back->bytes, array.bytes);
  EXPECT_EQ(back->describe(), "float32 (2, 3)");
  // A file that numpy wrote comes out byte for byte.
  const std::string path = data("kws_mlperf_tiny/ref_int8_logits.npy");
  if (path.empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const std::string original = llvm::cantFail(readFile(path));
  const NdArray read = llvm::cantFail(parseNpy(original, path));
  EXPECT_TRUE(npyBytes(read) == original); // not EXPECT_EQ: 12 kB of zeros
}

TEST(Npy, IntegersAreExactOrRefused) {
  EXPECT_THAT(llvm::cantFail(NdArray::of<double>({2}, {3, -4}).toInts()),
              ElementsAre(3, -4));
  EXPECT_THAT(
      takeText(NdArray::of<double>({2}, {3, 0.5}).toInts("w").takeError()),
      HasSubstr("w: element 1 is 0.5"));
  EXPECT_THAT(takeText(NdArray::of<float>({1}, {NAN}).toInts().takeError()),
              HasSubstr("nan"));
  EXPECT_FALSE(
      takeText(NdArray::of<uint64_t>({1}, {~0ull}).toInts().takeError())
          .empty());
  EXPECT_FALSE(takeText(NdArray::of<double>({1}, {0x1p63}).toInts().takeError())
                   .empty());
}

NpzArrays smallArrays() {
  NpzArrays arrays;
  arrays["x"] = NdArray::of<uint8_t>({3}, {1, 2, 3});
  arrays["y"] = NdArray::of<int64_t>({1}, {9});
  return arrays;
}

std::string zipOf(const NpzArrays &arrays) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto &[name, array] : arrays)
    members.emplace_back(name + ".npy", npyBytes(array));
  return llvm::cantFail(makeZip(members));
}

TEST(Npz, RoundTrip) {
  const NpzArrays back =
      llvm::cantFail(parseNpz(zipOf(smallArrays()), "f.npz"));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_THAT(back.at("x").toDoubles(), ElementsAre(1, 2, 3));
  EXPECT_THAT(back.at("y").toDoubles(), ElementsAre(9));
  EXPECT_EQ(zipOf(back), zipOf(smallArrays()));
}

std::string zipFailure(const std::string &bytes) {
  Expected<NpzArrays> arrays = parseNpz(bytes, "f.npz");
  return arrays ? "" : takeText(arrays.takeError());
}

/// Overwrites \p width little-endian bytes at \p at.
void poke(std::string &bytes, size_t at, uint64_t value, int width) {
  for (int i = 0; i < width; ++i)
    bytes.at(at + static_cast<size_t>(i)) = static_cast<char>(value >> (8 * i));
}

TEST(Npz, HostileArchivesAreRefused) {
  const std::string good = zipOf(smallArrays());
  const size_t central = good.find("PK\1\2"), end = good.rfind("PK\5\6");
  EXPECT_THAT(zipFailure("PK\3\4"), HasSubstr("too short"));
  EXPECT_THAT(zipFailure(good.substr(0, good.size() - 1)),
              HasSubstr("directory"));
  std::string bad = good;
  bad[60] ^= 1; // inside of the first member's header padding
  EXPECT_THAT(zipFailure(bad), HasSubstr("CRC-32"));
  bad = good;
  poke(bad, end + 16, 0x7fffffff, 4);
  EXPECT_THAT(zipFailure(bad), HasSubstr("damaged entry"));
  bad = good;
  poke(bad, end + 10, 0xfffe, 2);
  EXPECT_THAT(zipFailure(bad), HasSubstr("damaged entry"));
  bad = good;
  poke(bad, central + 42, 0x00ffffff, 4);
  EXPECT_THAT(zipFailure(bad), HasSubstr("which the file does not hold"));
  bad = good;
  poke(bad, central + 24, 0xfffffff0, 4); // plain size
  EXPECT_THAT(zipFailure(bad), HasSubstr("declares 4.0 GiB but holds"));
  poke(bad, central + 10, 8, 2); // and deflated: the ratio gives it away
  EXPECT_THAT(zipFailure(bad), HasSubstr("cannot hold more than"));
  bad = good;
  poke(bad, central + 10, 12, 2);
  EXPECT_THAT(zipFailure(bad), HasSubstr("method 12"));
  bad = good;
  poke(bad, central + 8, 1, 2);
  EXPECT_THAT(zipFailure(bad), HasSubstr("encrypted"));
  // Every entry of the directory points to the same, largest member.
  std::string overlap = good.substr(0, central);
  std::string entry = good.substr(central, 46 + 5);
  for (int i = 0; i < 100; ++i)
    overlap += entry;
  std::string tail = good.substr(end);
  poke(tail, 8, 100, 2);
  poke(tail, 10, 100, 2);
  poke(tail, 16, central, 4);
  EXPECT_THAT(zipFailure(overlap + tail),
              testing::AnyOf(HasSubstr("overlap"), HasSubstr("two arrays")));
}

TEST(Npz, Zip64SizesAreRead) {
  // All numbers in 64-bit fields, as APPNOTE.TXT 4.3.14 and 4.5.3 lay out.
  const std::string body = npyBytes(NdArray::of<uint8_t>({2}, {5, 6}));
  const std::string plain = llvm::cantFail(makeZip({{"x.npy", body}}));
  const size_t central = plain.find("PK\1\2"), end = plain.rfind("PK\5\6");
  auto number = [](uint64_t value, int width) {
    std::string bytes(static_cast<size_t>(width), '\0');
    poke(bytes, 0, value, width);
    return bytes;
  };
  std::string entry = plain.substr(central, end - central);
  for (size_t field : {20, 24, 42}) // packed, plain, offset
    poke(entry, field, 0xffffffff, 4);
  poke(entry, 30, 4 + 24, 2); // bytes of the extra field
  entry += number(1, 2) + number(24, 2) + number(body.size(), 8) +
           number(body.size(), 8) + number(0, 8);
  const std::string head = plain.substr(0, central) + entry;
  const std::string end64 = "PK\6\6" + number(44, 8) + number(45, 2) +
                            number(45, 2) + number(0, 8) + number(1, 8) +
                            number(1, 8) + number(entry.size(), 8) +
                            number(central, 8);
  const std::string locator =
      "PK\6\7" + number(0, 4) + number(head.size(), 8) + number(1, 4);
  std::string tail = plain.substr(end);
  poke(tail, 8, 0xffff, 2);
  poke(tail, 10, 0xffff, 2);
  poke(tail, 16, 0xffffffff, 4);
  const NpzArrays arrays =
      llvm::cantFail(parseNpz(head + end64 + locator + tail, "f.npz"));
  EXPECT_THAT(arrays.at("x").toDoubles(), ElementsAre(5, 6));
  poke(tail, 20, 0, 2);
  EXPECT_THAT(zipFailure(head + end64.substr(0, 40) + locator + tail),
              HasSubstr("damaged"));
}

TEST(Npz, ReadsWhatNumpyCompressed) {
  const std::string path =
      data("braille/expected_noDelay_bias_zero__snntorch_sub.npz");
  if (path.empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const NpzArrays arrays = llvm::cantFail(readNpz(path));
  EXPECT_EQ(arrays.at("lif1").describe(), "uint8 (256, 38)");
  EXPECT_EQ(arrays.at("lif2").describe(), "uint8 (256, 7)");
  const NpzArrays frames =
      llvm::cantFail(readNpz(data("nmnist/cnn_numbers_reconstructed.npz")));
  EXPECT_EQ(frames.at("frames").describe(), "uint8 (300, 10, 2, 34, 34)");
}

TEST(Npz, BrokenBytesNeverCrash) {
  const CounterRandom random(1);
  uint64_t counter = 0;
  const std::string archive = zipOf(smallArrays());
  const std::string file = npyBytes(NdArray::of<double>({2, 2}, {1, 2, 3, 4}));
  std::string packed;
  if (const std::string path =
          data("braille/expected_noDelay_bias_zero__snntorch_sub.npz");
      !path.empty())
    packed = llvm::cantFail(readFile(path));
  for (const std::string &good : {archive, file, packed})
    for (int round = 0; round < 3000 && !good.empty(); ++round) {
      std::string bad = good;
      for (int flips = 0; flips < 1 + round % 4; ++flips)
        bad[random.at(counter++) % bad.size()] =
            static_cast<char>(random.at(counter++));
      if (round % 3 == 0)
        bad.resize(random.at(counter++) % bad.size());
      llvm::consumeError(parseNpz(bad, "x").takeError());
      llvm::consumeError(parseNpy(bad, "x").takeError());
    }
}

TEST(Csv, ReadsTables) {
  const CsvTable plain = llvm::cantFail(parseCsv("1,2\n3,4\n", "f"));
  EXPECT_THAT(plain.values.toDoubles(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(plain.values.shape, ElementsAre(2, 2));
  EXPECT_TRUE(plain.header.empty());
  const CsvTable full = llvm::cantFail(parseCsv(
      "\xEF\xBB\xBF# note\r\nt; \"b c\"\r\n\r\n+1;-2.5e1 # x\r\n", "f"));
  EXPECT_THAT(full.header, ElementsAre("t", "b c"));
  EXPECT_THAT(full.values.toDoubles(), ElementsAre(1, -25));
  EXPECT_THAT(llvm::cantFail(parseCsv("  1  2\t3\n", "f")).values.shape,
              ElementsAre(1, 3));
  EXPECT_THAT(llvm::cantFail(parseCsv("7", "f")).values.shape,
              ElementsAre(1, 1));
}

std::string csvFailure(const std::string &text) {
  Expected<CsvTable> table = parseCsv(text, "f.csv");
  return table ? "" : takeText(table.takeError());
}

TEST(Csv, ErrorsNameLineAndColumn) {
  EXPECT_EQ(csvFailure("a,b\n1,2\n3,x\n"),
            "f.csv, line 3, column 2: 'x' is not a number");
  EXPECT_EQ(csvFailure("1,2\n3\n"),
            "f.csv, line 2: has 1 column, the lines before have 2; give every "
            "line the same columns");
  EXPECT_EQ(csvFailure("1,2,\n"),
            "f.csv, line 1, column 3: '' is not a number");
  EXPECT_THAT(csvFailure("1,abc\n"), HasSubstr("line 1, column 2"));
  EXPECT_EQ(csvFailure(""), "f.csv: holds no numbers");
  EXPECT_EQ(csvFailure("# only\n"), "f.csv: holds no numbers");
  EXPECT_EQ(csvFailure("a,b\n"), "f.csv: holds no numbers");
  EXPECT_THAT(csvFailure(std::string("1 \0\x1b[31m", 8)),
              HasSubstr("'??[31m'"));
  EXPECT_THAT(csvFailure("1,1e999\n"), HasSubstr("not a number"));
}

} // namespace
} // namespace hillock
