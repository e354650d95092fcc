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

class Level : public testing::TestWithParam<const char *> {};

TEST_P(Level, CodesOfRandomNetworks) {
  const std::string cpu = GetParam();
  int64_t compared = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const ann::IntNetwork network = test::randomIntNetwork(seed);
    Error bad = ann::check(network, "random");
    if (bad) {
      llvm::consumeError(std::move(bad));
      continue; // sums beyond 32 bits are refused before
    }
    int4::NativeOptions options;
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
  EXPECT_GT(compared, 3000);
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

TEST(Native, WeightsOfFourBitsTakeHalfAByte) {
  ann::IntNetwork network = test::randomIntNetwork(1);
  network.values.clear();
  network.layers.clear();
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
    layer.weights.push_back(static_cast<int8_t>(i * 7 % 15 - 7));
  layer.bias.assign(64, 0);
  layer.multipliers.assign(64, ann::multiplierOf(0.001).value());
  network.layers = {layer};
  int4::NativeOptions options;
  options.triple = "thumbv7em-none-eabi";
  options.cpu = "cortex-m4";
  auto code = int4::emitNative(network, options, "dense");
  ASSERT_TRUE(bool(code)) << takeText(code.takeError());
  EXPECT_GE(code->rodataBytes, 128u * 64 / 2);
  // Biases, mantissas and shifts are 12 bytes an output, twice rounded up.
  EXPECT_LE(code->rodataBytes, 128u * 64 / 2 + 12 * (64 + 4) + 256);
  EXPECT_NE(code->header.find("NET_ARENA_SIZE"), std::string::npos);
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
