//===- tests/unit/backends/int4/NativeTest.cpp - Code in this process -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plain evaluation of compiler/ann is the specification; machine code for
// every level of this processor's vector instructions has to give its codes.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "tests/unit/backends/int4/RandomNetworks.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <gtest/gtest.h>

using namespace hillock;
using int4::ZeroSkipping;

namespace {

bool hostIs64BitX86() {
  return llvm::StringRef(llvm::sys::getDefaultTargetTriple())
      .starts_with("x86_64");
}

struct AlignedArena {
  explicit AlignedArena(uint64_t bytes) : memory(bytes + 64) {}
  void *get() {
    auto address = reinterpret_cast<uintptr_t>(memory.data());
    return memory.data() + (64 - address % 64) % 64;
  }
  std::vector<char> memory;
};

class Level : public testing::TestWithParam<const char *> {
protected:
  /// Three samples through the machine code and the plain evaluation.
  void compare(const ann::IntNetwork &network, ZeroSkipping zeros,
               uint64_t seed) {
    Error bad = ann::check(network, "random");
    if (bad) {
      llvm::consumeError(std::move(bad));
      return; // sums beyond 32 bits are refused before
    }
    int4::NativeOptions options;
    options.zeros = zeros;
    const std::string cpu = GetParam();
    if (cpu != "host") {
      options.triple = llvm::sys::getDefaultTargetTriple();
      options.cpu = cpu;
    }
    auto runner = int4::NativeRunner::create(network, options, "random");
    ASSERT_TRUE(bool(runner)) << takeText(runner.takeError());
    AlignedArena arena((*runner)->code().arenaBytes);
    for (uint64_t sample = 0; sample < 3; ++sample) {
      const std::vector<int8_t> input =
          test::randomCodes(network, seed * 10 + sample);
      const std::vector<int32_t> wanted = test::expectedCodes(network, input);
      std::vector<int32_t> got(wanted.size());
      (*runner)->run(input.data(), got.data(), arena.get());
      ASSERT_EQ(got, wanted) << "seed " << seed << ", sample " << sample
                             << ", kernel " << (*runner)->code().kernel;
      compared += static_cast<int64_t>(got.size());
    }
  }
  int64_t compared = 0;
};

TEST_P(Level, CodesOfRandomNetworks) {
  for (uint64_t seed = 1; seed <= 30; ++seed)
    ASSERT_NO_FATAL_FAILURE(
        compare(test::randomIntNetwork(seed), ZeroSkipping::WhereFaster, seed));
  EXPECT_GT(compared, 3000);
}

TEST_P(Level, CodesOfWideNetworks) {
  for (uint64_t seed = 1; seed <= 12; ++seed)
    ASSERT_NO_FATAL_FAILURE(
        compare(test::wideIntNetwork(seed), ZeroSkipping::WhereFaster, seed));
  EXPECT_GT(compared, 3000);
}

TEST_P(Level, CodesOfPrunedNetworks) {
  for (uint64_t seed = 100; seed <= 118; ++seed)
    ASSERT_NO_FATAL_FAILURE(compare(
        test::withZeros(test::randomIntNetwork(seed), seed),
        seed % 4 ? ZeroSkipping::WhereSmaller : ZeroSkipping::Never, seed));
  EXPECT_GT(compared, 1500);
}

std::vector<const char *> levels() {
  std::vector<const char *> all = {"host"};
  if (hostIs64BitX86()) {
    all.push_back("x86-64");
    const auto features = llvm::sys::getHostCPUFeatures();
    if (features.lookup("ssse3"))
      all.push_back("x86-64-v2");
    if (features.lookup("avx2"))
      all.push_back("x86-64-v3");
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Processors, Level, testing::ValuesIn(levels()),
                         [](const auto &info) {
                           std::string name = info.param;
                           for (char &c : name)
                             c = c == '-' ? '_' : c;
                           return name;
                         });

/// 128 -> 64, of whose weights one in \p every is not zero.
ann::IntNetwork matrix(int every) {
  ann::IntNetwork network;
  ann::IntValue in, out;
  in.shape = {128};
  out.shape = {64};
  network.values = {in, out};
  network.input = 0;
  network.output = 1;
  ann::IntLayer layer;
  layer.kind = ann::Kind::Linear;
  layer.inputs = {0};
  layer.output = 1;
  for (int i = 0; i < 128 * 64; ++i)
    layer.weights.push_back(static_cast<int8_t>(i % every ? 0 : 1 + i * 5 % 7));
  layer.bias.assign(64, 0);
  layer.multipliers.assign(64, ann::multiplierOf(0.001).value());
  network.layers = {layer};
  return network;
}

Expected<int4::NativeCode> objectFor(const char *triple, const char *cpu,
                                     const ann::IntNetwork &network) {
  int4::NativeOptions options;
  options.triple = triple;
  options.cpu = cpu;
  return int4::emitNative(network, options, "matrix");
}

TEST(Native, WeightsOfFourBitsTakeHalfAByte) {
  auto code = objectFor("thumbv7em-none-eabi", "cortex-m4", matrix(1));
  ASSERT_TRUE(bool(code)) << takeText(code.takeError());
  EXPECT_GE(code->rodataBytes, 128u * 64 / 2);
  // Biases, mantissas and shifts are 12 bytes an output, twice rounded up.
  EXPECT_LE(code->rodataBytes, 128u * 64 / 2 + 12 * (64 + 4) + 256);
  EXPECT_NE(code->header.find("NET_ARENA_SIZE"), std::string::npos);
}

TEST(Native, ZerosTakeNoFlash) {
  // Every tenth weight: a byte each and a count of them an output.
  auto code = objectFor("thumbv6m-none-eabi", "cortex-m0", matrix(10));
  ASSERT_TRUE(bool(code)) << takeText(code.takeError());
  EXPECT_LE(code->rodataBytes, 128u * 64 / 10 + 1 + 64 + 12 * 64 + 320);
  auto dense = objectFor("thumbv6m-none-eabi", "cortex-m0", matrix(1));
  ASSERT_TRUE(bool(dense)) << takeText(dense.takeError());
  EXPECT_LE(code->rodataBytes + code->codeBytes,
            (dense->rodataBytes + dense->codeBytes) / 2);
}

TEST(Native, InputsOfMatricesStayWhereTheyAre) {
  ann::IntNetwork network = matrix(1);
  auto code = objectFor("thumbv7em-none-eabi", "cortex-m4", network);
  ASSERT_TRUE(bool(code)) << takeText(code.takeError());
  // 64 results, and some bytes for the alignment and the last load.
  EXPECT_LE(code->arenaBytes, 64u + 32);
  EXPECT_EQ(code->inputBytes, 128u);
  EXPECT_EQ(code->outputBytes, 4u * 64);
  EXPECT_GT(code->stackBytes, 0u);
  EXPECT_LT(code->stackBytes, 400u);
  EXPECT_EQ(code->kernel, "smlad");
}

TEST(Native, UnknownMachinesAreUsageErrors) {
  const ann::IntNetwork network = test::randomIntNetwork(2);
  int4::NativeOptions options;
  options.triple = "nonsense-none-none";
  auto code = int4::emitNative(network, options, "net");
  ASSERT_FALSE(bool(code));
  ErrorKind kind = ErrorKind::Internal;
  EXPECT_NE(takeText(code.takeError(), &kind).find("nonsense"),
            std::string::npos);
  EXPECT_EQ(kind, ErrorKind::Usage);
  options.triple = "aarch64-linux-gnu";
  options.cpu = "pentium";
  code = int4::emitNative(network, options, "net");
  ASSERT_FALSE(bool(code));
  takeText(code.takeError(), &kind);
  EXPECT_EQ(kind, ErrorKind::Usage);
}

} // namespace
