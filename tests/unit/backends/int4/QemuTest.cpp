//===- tests/unit/backends/int4/QemuTest.cpp - Code for other machines ----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Objects for other processors, linked with a program of a page that has no C
// library, run by QEMU in user mode: the same codes, byte for byte, and no more
// stack than the header says.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "tests/unit/backends/int4/RandomNetworks.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

using namespace hillock;

namespace {

struct Board {
  const char *name, *triple, *cpu, *features;
  const char *clang; ///< flags of the program that is linked to it
  const char *qemu, *qemuCpu;
};

// The program is built for the same instruction set; ABIs without floats.
// Debian's QEMU (7.2) cannot start a Cortex-M in user mode; an Armv7-A runs the
// same Thumb code, of which ARMv6-M and ARMv7E-M have a part.
const Board boards[] = {
    {"CortexM0", "thumbv6m-none-eabi", "cortex-m0", "",
     "--target=thumbv6m-none-eabi -mcpu=cortex-m0", "qemu-arm", "cortex-a7"},
    {"CortexM4", "thumbv7em-none-eabi", "cortex-m4", "",
     "--target=thumbv7em-none-eabi -mcpu=cortex-m4 -mfloat-abi=soft",
     "qemu-arm", "cortex-a7"},
    {"CortexM7", "thumbv7em-none-eabi", "cortex-m7", "",
     "--target=thumbv7em-none-eabi -mcpu=cortex-m7 -mfloat-abi=soft",
     "qemu-arm", "cortex-a7"},
    {"Aarch64Neon", "aarch64-none-elf", "cortex-a53", "",
     "--target=aarch64-none-elf -mcpu=cortex-a53", "qemu-aarch64",
     "cortex-a53"},
    {"Aarch64Dot", "aarch64-none-elf", "cortex-a76", "",
     "--target=aarch64-none-elf -mcpu=cortex-a76", "qemu-aarch64",
     "cortex-a76"},
    {"Riscv32", "riscv32-none-elf", "generic-rv32", "+m",
     "--target=riscv32-none-elf -march=rv32im -mabi=ilp32", "qemu-riscv32",
     "rv32"},
    {"Riscv64", "riscv64-none-elf", "generic-rv64", "+m",
     "--target=riscv64-none-elf -march=rv64im -mabi=lp64 -mcmodel=medany",
     "qemu-riscv64", "rv64"},
};

/// Writes all outputs to standard output with the kernel's own calls.
const char *program = R"(
#include "net.h"
extern const int8_t samples[];
extern const int count;
static int8_t arena[NET_ARENA_SIZE] __attribute__((aligned(64)));
static int32_t output[NET_OUTPUT_SIZE];
static long call(long number, long a, long b, long c) {
#if defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#elif defined(__riscv)
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
#else
  register long r7 __asm__("r7") = number;
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  __asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
  return r0;
#endif
}
#if defined(__aarch64__) || defined(__riscv)
enum { writes = 64, exits = 93 };
#else
enum { writes = 4, exits = 1 };
#endif
void *memcpy(void *to, const void *from, __SIZE_TYPE__ n) {
  char *t = (char *)to;
  const char *f = (const char *)from;
  while (n--) {
    *t++ = *f++;
    __asm__ volatile("" ::: "memory");
  }
  return to;
}
enum { painted = NET_STACK_SIZE + 4096, pattern = 0x5a };
void begin(void) {
  int depth = 0;
  for (int i = 0; i < count; ++i) {
    volatile char *stack;
#if defined(__riscv)
    __asm__ volatile("mv %0, sp" : "=r"(stack));
#else
    __asm__ volatile("mov %0, sp" : "=r"(stack));
#endif
    for (int k = 1; k <= painted; ++k)
      stack[-k] = pattern;
    net_run(samples + i * NET_INPUT_SIZE, output, arena);
    int k = painted;
    while (k > depth && stack[-k] == pattern)
      --k;
    depth = k;
    call(writes, 1, (long)output, sizeof output);
  }
  call(writes, 1, (long)&depth, sizeof depth);
  call(exits, 0, 0, 0);
  for (;;) {
  }
}
)";

class Qemu : public testing::TestWithParam<Board> {
protected:
  void SetUp() override {
    const Board &board = GetParam();
    for (const char *name : {"clang-22", "ld.lld-22", board.qemu}) {
      auto found = llvm::sys::findProgramByName(name);
      if (!found)
        GTEST_SKIP() << "the program " << name << " is not there";
      programs.push_back(*found);
    }
    llvm::SmallString<128> path;
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("hillock-qemu", path));
    folder = path.str().str();
  }
  void TearDown() override {
    if (!folder.empty())
      llvm::sys::fs::remove_directories(folder);
  }
  std::string file(const char *name) const { return folder + "/" + name; }
  void write(const char *name, const std::string &text) const {
    std::ofstream(file(name), std::ios::binary) << text;
  }
  /// Empty, or what the program said.
  std::string run(const std::string &words, const char *out) const {
    std::vector<std::string> parts;
    std::istringstream stream(words);
    for (std::string word; stream >> word;)
      parts.push_back(word);
    std::vector<llvm::StringRef> arguments(parts.begin(), parts.end());
    const std::string errors = file("errors"), output = file(out);
    llvm::sys::fs::remove(errors); // neither is cut when it is opened
    llvm::sys::fs::remove(output);
    const std::optional<llvm::StringRef> redirects[] = {
        llvm::StringRef(""), llvm::StringRef(output), llvm::StringRef(errors)};
    const int code = llvm::sys::ExecuteAndWait(parts[0], arguments,
                                               std::nullopt, redirects, 60);
    if (code == 0)
      return "";
    std::ifstream in(errors);
    std::stringstream said;
    said << words << ": exit code " << code << "\n" << in.rdbuf();
    return said.str();
  }
  std::string folder;
  std::vector<std::string> programs;
};

std::string sampleTable(const std::vector<std::vector<int8_t>> &samples) {
  std::ostringstream text;
  text << "const signed char samples[] = {";
  for (const auto &sample : samples)
    for (const int8_t code : sample)
      text << int(code) << ',';
  text << "};\nconst int count = " << samples.size() << ";\n";
  return text.str();
}

TEST_P(Qemu, CodesOfRandomNetworks) {
  const Board &board = GetParam();
  int networks = 0;
  for (uint64_t seed = 1; networks < 6; ++seed) {
    ann::IntNetwork network = test::randomIntNetwork(seed * 7);
    if (networks % 2)
      network = test::withZeros(std::move(network), seed);
    if (Error bad = ann::check(network, "random")) {
      llvm::consumeError(std::move(bad));
      continue;
    }
    ++networks;
    int4::NativeOptions options;
    options.triple = board.triple;
    options.cpu = board.cpu;
    options.features = board.features;
    options.zeros = int4::ZeroSkipping::WhereSmaller;
    auto code = int4::emitNative(network, options, "random");
    ASSERT_TRUE(bool(code))
        << "seed " << seed << ": " << takeText(code.takeError());
    std::vector<std::vector<int8_t>> samples;
    std::string wanted;
    for (uint64_t i = 0; i < 4; ++i) {
      samples.push_back(test::randomCodes(network, seed * 10 + i));
      for (const int32_t out : test::expectedCodes(network, samples.back()))
        wanted.append(reinterpret_cast<const char *>(&out), 4);
    }
    write("net.a", code->archive);
    write("net.h", code->header);
    write("main.c", program);
    write("samples.c", sampleTable(samples));
    const std::string clang = programs[0] + " " + board.clang +
                              " -std=c99 -O1 -ffreestanding "
                              "-fomit-frame-pointer -nostdinc -isystem " +
                              "/usr/lib/llvm-22/lib/clang/22/include -I" +
                              folder + " -c ";
    ASSERT_EQ(run(clang + file("main.c") + " -o " + file("main.o"), "o"), "");
    ASSERT_EQ(run(clang + file("samples.c") + " -o " + file("samples.o"), "o"),
              "");
    ASSERT_EQ(run(programs[1] + " -e begin " + file("main.o") + " " +
                      file("samples.o") + " " + file("net.a") + " -o " +
                      file("net.elf"),
                  "o"),
              "");
    ASSERT_EQ(
        run(programs[2] + " -cpu " + board.qemuCpu + " " + file("net.elf"),
            "out"),
        "");
    std::ifstream in(file("out"), std::ios::binary);
    std::stringstream stream;
    stream << in.rdbuf();
    const std::string got = stream.str();
    ASSERT_EQ(got.size(), wanted.size() + 4);
    ASSERT_TRUE(got.compare(0, wanted.size(), wanted) == 0)
        << board.name << ": seed " << seed << " differs";
    uint32_t depth = 0;
    std::memcpy(&depth, got.data() + wanted.size(), sizeof depth);
    EXPECT_LE(depth, code->stackBytes) << "seed " << seed;
    // The two largest frames are counted, and one of them is there for sure.
    EXPECT_GE(2 * depth, code->stackBytes) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Boards, Qemu, testing::ValuesIn(boards),
                         [](const auto &info) { return info.param.name; });

} // namespace
