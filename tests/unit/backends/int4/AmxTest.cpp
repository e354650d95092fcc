//===- tests/unit/backends/int4/AmxTest.cpp - Code with tiles -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The module that is made for AMX, run on a processor without it: operations on
// tiles become calls of the loops below, which are those of the pseudocode in
// Intel's Software Developer's Manual (TILELOADD, TILEZERO, TDPBUSD,
// TILESTORED). LLVM's own treatment of tiles (configuration, registers) is in
// the object, which runs with AmxTraps.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "tests/unit/backends/int4/AmxTraps.h"
#include "tests/unit/backends/int4/RandomNetworks.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

using namespace hillock;

namespace {

/// A value of the type x86_amx; it never changes, so every operation has a
/// new one.
struct Tile {
  int rows = 0, bytes = 0;
  std::array<std::array<uint8_t, 64>, 16> at{};
};

std::deque<Tile> tiles;
int64_t products = 0;
std::string fault;

Tile &newTile(int rows, int bytes) {
  if (rows < 1 || rows > 16 || bytes < 4 || bytes > 64 || bytes % 4 != 0)
    fault = "a tile of " + std::to_string(rows) + " x " + std::to_string(bytes);
  tiles.emplace_back();
  tiles.back().rows = rows;
  tiles.back().bytes = bytes;
  return tiles.back();
}

void expectShape(const Tile &tile, int rows, int bytes) {
  if (tile.rows != rows || tile.bytes != bytes)
    fault = "an operand is not of the shape that the operation names";
}

Tile *tileZero(int16_t rows, int16_t bytes) { return &newTile(rows, bytes); }

Tile *tileLoad(int16_t rows, int16_t bytes, const uint8_t *from, int64_t step) {
  Tile &tile = newTile(rows, bytes);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    std::memcpy(tile.at[row].data(), from + static_cast<int64_t>(row) * step,
                static_cast<size_t>(bytes));
  return &tile;
}

void tileStore(int16_t rows, int16_t bytes, uint8_t *to, int64_t step,
               const Tile *tile) {
  expectShape(*tile, rows, bytes);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    std::memcpy(to + static_cast<int64_t>(row) * step, tile->at[row].data(),
                static_cast<size_t>(bytes));
}

/// C(rows x bytes) += A(rows x depth) B(depth / 4 x bytes).
Tile *tileProduct(int16_t rows, int16_t bytes, int16_t depth, const Tile *c,
                  const Tile *a, const Tile *b) {
  expectShape(*c, rows, bytes);
  expectShape(*a, rows, depth);
  expectShape(*b, depth / 4, bytes);
  ++products;
  Tile &result = newTile(rows, bytes);
  for (size_t m = 0; m < static_cast<size_t>(rows); ++m)
    for (size_t n = 0; n < static_cast<size_t>(bytes) / 4; ++n) {
      uint32_t sum = 0;
      std::memcpy(&sum, &c->at[m][4 * n], 4);
      for (size_t k = 0; k < static_cast<size_t>(depth) / 4; ++k)
        for (size_t i = 0; i < 4; ++i)
          sum += static_cast<uint32_t>(
              int32_t{a->at[m][4 * k + i]} *
              int32_t{static_cast<int8_t>(b->at[k][4 * n + i])});
      std::memcpy(&result.at[m][4 * n], &sum, 4);
    }
  return &result;
}

void replaceAll(std::string &text, const std::string &from,
                const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
}

/// The module with calls instead of tiles, ready to run.
Expected<std::unique_ptr<llvm::orc::LLJIT>> withoutTiles(std::string ir) {
  replaceAll(ir, "x86_amx", "ptr");
  const std::pair<const char *, void *> functions[] = {
      {"tilezero", reinterpret_cast<void *>(&tileZero)},
      {"tileloadd64", reinterpret_cast<void *>(&tileLoad)},
      {"tilestored64", reinterpret_cast<void *>(&tileStore)},
      {"tdpbusd", reinterpret_cast<void *>(&tileProduct)}};
  auto context = std::make_unique<llvm::LLVMContext>();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  llvm::orc::SymbolMap symbols;
  for (const auto &[name, address] : functions) {
    const std::string called = std::string("amx_") + name;
    replaceAll(ir, std::string("llvm.x86.") + name + ".internal", called);
    symbols[(*jit)->mangleAndIntern(called)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  }
  if (Error error = (*jit)->getMainJITDylib().define(
          llvm::orc::absoluteSymbols(std::move(symbols))))
    return error;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(ir, diagnostic, *context);
  if (!module)
    return makeError(ErrorKind::Internal, diagnostic.getMessage().str());
  module->setDataLayout((*jit)->getDataLayout());
  if (Error error = (*jit)->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  return jit;
}

/// A convolution that tiles suit: runs of 32 to 200 codes, 9 to 150 channels,
/// one to a few tiles of pixels, with or without a border, groups and strides.
ann::IntNetwork convolution(uint64_t seed) {
  std::mt19937_64 random(seed * 7919);
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() %
                                      static_cast<uint64_t>(high - low + 1));
  };
  ann::IntLayer layer;
  layer.kind = ann::Kind::Conv;
  layer.inputs = {0};
  layer.output = 1;
  layer.groups = seed % 5 == 0 ? 2 : 1;
  ann::Window &w = layer.window;
  for (unsigned a = 0; a < 2; ++a) {
    w.kernel[a] = seed % 3 == 0 ? 1 : pick(1, 3);
    w.stride[a] = seed % 4 == 1 ? 2 : 1;
    w.dilation[a] = seed % 7 == 2 ? 2 : 1;
    w.begin[a] = pick(0, w.kernel[a] - 1);
    w.end[a] = pick(0, w.kernel[a] - 1);
  }
  constexpr int64_t runs[] = {29, 32, 36, 48, 64, 80, 96, 112};
  const int64_t perGroup = pick(9, 75);
  ann::IntValue in, out;
  in.shape = {layer.groups * runs[random() % 8], pick(5, 7), pick(9, 40)};
  in.q.low = seed % 2 ? -128 : -8;
  in.q.high = seed % 2 ? 127 : 7;
  in.q.zero = static_cast<int32_t>(pick(in.q.low, in.q.high));
  out.q = in.q;
  out.shape = {layer.groups * perGroup, w.positions(0, in.shape[1]),
               w.positions(1, in.shape[2])};
  layer.low = out.q.low;
  layer.high = out.q.high;
  layer.format.bits = seed % 4 < 2 ? 8 : 4;
  const int64_t filter = in.shape[0] / layer.groups * w.kernel[0] * w.kernel[1];
  for (int64_t i = 0; i < out.shape[0] * filter; ++i)
    layer.weights.push_back(
        static_cast<int8_t>(pick(layer.format.low(), layer.format.high())));
  const double size = std::sqrt(static_cast<double>(filter)) *
                      (layer.format.bits == 8 ? 60 : 4) * 60;
  for (int64_t o = 0; o < out.shape[0]; ++o) {
    layer.bias.push_back(static_cast<int32_t>(pick(-3000, 3000)));
    layer.multipliers.push_back(
        ann::multiplierOf(static_cast<double>(pick(20, 300)) / size).value());
  }
  ann::IntNetwork network;
  network.name = "convolution";
  network.values = {in, out};
  network.input = 0;
  network.output = 1;
  network.layers = {layer};
  return network;
}

Expected<std::unique_ptr<llvm::orc::LLJIT>> asItIs(const std::string &object) {
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(object, "net")))
    return error;
  return jit;
}

class Amx : public testing::Test {
protected:
  void SetUp() override {
    const auto features = llvm::sys::getHostCPUFeatures();
    if (!features.lookup("avx512vnni") || !features.lookup("avx512bw"))
      GTEST_SKIP() << "what is not in tiles needs AVX-512 VNNI";
  }

  void compare(const ann::IntNetwork &network, uint64_t seed) {
    if (Error bad = ann::check(network, "random")) {
      llvm::consumeError(std::move(bad));
      return;
    }
    int4::NativeOptions options;
    options.triple = llvm::sys::getDefaultTargetTriple();
    // Less what other processors with AVX-512 VNNI do not have.
    options.cpu = "sapphirerapids";
    options.features = "-avxvnni,-avx512fp16";
    auto code = int4::emitNative(network, options, "random");
    ASSERT_TRUE(bool(code)) << takeText(code.takeError());
    ASSERT_EQ(code->kernel, "amx");
    auto jit = trapped ? asItIs(code->object) : withoutTiles(code->ir);
    ASSERT_TRUE(bool(jit)) << takeText(jit.takeError());
    auto symbol = (*jit)->lookup("net_run");
    ASSERT_TRUE(bool(symbol)) << takeText(symbol.takeError());
    auto *run = symbol->toPtr<void (*)(const int8_t *, int32_t *, void *)>();
    std::vector<char> memory(code->arenaBytes + 64, 0x55);
    auto address = reinterpret_cast<uintptr_t>(memory.data());
    char *arena = memory.data() + (64 - address % 64) % 64;
    for (uint64_t sample = 0; sample < 2; ++sample) {
      const auto input = test::randomCodes(network, seed * 10 + sample);
      const auto wanted = test::expectedCodes(network, input);
      std::vector<int32_t> got(wanted.size());
      const int64_t before = products;
      if (trapped) {
        const test::AmxTraps traps;
        run(input.data(), got.data(), arena);
        products += traps.products();
        fault = traps.fault();
        EXPECT_EQ(traps.configurations() > 0, traps.products() > 0);
        EXPECT_EQ(traps.releases() > 0, traps.products() > 0);
      } else {
        run(input.data(), got.data(), arena);
      }
      ASSERT_EQ(got, wanted)
          << "seed " << seed << ", sample " << sample << ": " << fault;
      ASSERT_EQ(fault, "") << "seed " << seed;
      tiles.clear();
      networks += sample == 0 && products > before;
    }
  }
  bool trapped = false; ///< the object itself, instructions by signals
  int networks = 0;     ///< of which at least a layer was made of tiles
};

TEST_F(Amx, CodesOfConvolutions) {
  for (uint64_t seed = 1; seed <= 12; ++seed)
    ASSERT_NO_FATAL_FAILURE(compare(convolution(seed), seed));
  EXPECT_EQ(networks, 12);
}

TEST_F(Amx, CodesOfWideNetworks) {
  for (uint64_t seed = 1; seed <= 6; ++seed)
    ASSERT_NO_FATAL_FAILURE(compare(test::wideIntNetwork(seed), seed));
  EXPECT_GE(networks, 1);
}

TEST_F(Amx, CodesOfRandomNetworks) {
  for (uint64_t seed = 1; seed <= 16; ++seed)
    ASSERT_NO_FATAL_FAILURE(compare(test::randomIntNetwork(seed), seed));
}

TEST_F(Amx, InstructionsBySignals) {
  if (!test::AmxTraps::possible() ||
      llvm::sys::getHostCPUFeatures().lookup("amx-tile"))
    GTEST_SKIP() << "AMX raises no signal here";
  trapped = true;
  for (uint64_t seed = 1; seed <= 24; ++seed)
    ASSERT_NO_FATAL_FAILURE(compare(convolution(seed), seed));
  EXPECT_EQ(networks, 24);
  for (uint64_t seed = 1; seed <= 6; ++seed)
    ASSERT_NO_FATAL_FAILURE(compare(test::wideIntNetwork(seed), seed));
}

std::string listing(const std::string &program, const std::string &bytes) {
  llvm::SmallString<128> object, text;
  if (llvm::sys::fs::createTemporaryFile("hillock-amx", "o", object) ||
      llvm::sys::fs::createTemporaryFile("hillock-amx", "txt", text))
    return "";
  std::ofstream(object.c_str(), std::ios::binary) << bytes;
  const std::optional<llvm::StringRef> redirects[] = {
      std::nullopt, llvm::StringRef(text), std::nullopt};
  llvm::sys::ExecuteAndWait(program, {program, "-d", object}, std::nullopt,
                            redirects, 60);
  std::stringstream said;
  said << std::ifstream(text.c_str()).rdbuf();
  llvm::sys::fs::remove(object);
  llvm::sys::fs::remove(text);
  return said.str();
}

/// What llvm-objdump says about an object for a processor that has AMX.
TEST(AmxObject, HasTheInstructionsOfTiles) {
  auto program = llvm::sys::findProgramByName("llvm-objdump-22");
  if (!program)
    GTEST_SKIP() << "the program llvm-objdump-22 is not there";
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    int4::NativeOptions options;
    options.triple = "x86_64-linux-gnu";
    options.cpu = "sapphirerapids";
    auto code = int4::emitNative(convolution(seed), options, "convolution");
    ASSERT_TRUE(bool(code)) << takeText(code.takeError());
    EXPECT_EQ(code->kernel, "amx");
    EXPECT_NE(code->header.find("ARCH_REQ_XCOMP_PERM"), std::string::npos);
    const std::string text = listing(*program, code->object);
    for (const char *name : {"ldtilecfg", "tilezero", "tileloadd", "tdpbusd",
                             "tilestored", "tilerelease"})
      EXPECT_NE(text.find(name), std::string::npos) << name;
  }
}

TEST(AmxObject, IsNotRunWithoutPermission) {
  if (!llvm::Triple(llvm::sys::getDefaultTargetTriple()).isX86() ||
      llvm::sys::getHostCPUFeatures().lookup("amx-int8"))
    GTEST_SKIP() << "for x86 processors without AMX";
  int4::NativeOptions options;
  options.cpu = "sapphirerapids";
  auto runner = int4::NativeRunner::create(convolution(1), options, "net");
  ASSERT_TRUE(bool(runner)) << takeText(runner.takeError());
  EXPECT_EQ((*runner)->code().kernel, "vnni512");
}

TEST(AmxObject, NeedsSixtyFourBitMode) {
  int4::NativeOptions options;
  options.triple = "i686-linux-gnu";
  options.cpu = "sapphirerapids";
  auto code = int4::emitNative(test::wideIntNetwork(1), options, "wide");
  ASSERT_TRUE(bool(code)) << takeText(code.takeError());
  EXPECT_EQ(code->kernel, "vnni512");
}

} // namespace
