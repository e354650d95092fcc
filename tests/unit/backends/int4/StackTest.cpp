//===- tests/unit/backends/int4/StackTest.cpp - What STACK_SIZE promises --===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The generated function on a stack of its own, filled with a pattern before:
// how far down the pattern is gone. QemuTest does the same on other machines.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "tests/unit/backends/int4/RandomNetworks.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <ucontext.h>

using namespace hillock;

namespace {

constexpr char pattern = 0x5a;

/// A call with a stack of its own.
struct Call {
  const int4::NativeRunner *runner = nullptr;
  std::vector<int8_t> input;
  std::vector<int32_t> output;
  void *arena = nullptr;
  ucontext_t back{}, inside{};
};
Call *current = nullptr;

void inside() {
  current->runner->run(current->input.data(), current->output.data(),
                       current->arena);
}

/// The bytes from the stack's upper end to the lowest that was written.
uint64_t depthOf(Call &call) {
  std::vector<char> stack(1 << 20, pattern);
  current = &call;
  getcontext(&call.inside);
  call.inside.uc_stack.ss_sp = stack.data();
  call.inside.uc_stack.ss_size = stack.size();
  call.inside.uc_link = &call.back;
  makecontext(&call.inside, inside, 0);
  swapcontext(&call.back, &call.inside);
  const auto touched = std::find_if(stack.begin(), stack.end(),
                                    [](char byte) { return byte != pattern; });
  return static_cast<uint64_t>(stack.end() - touched);
}

/// What a call takes that does nothing.
class Nothing final : public int4::NativeRunner {
public:
  void run(const int8_t *, int32_t *, void *) const override {
    asm volatile("" ::: "memory");
  }
  const int4::NativeCode &code() const override { return none; }

private:
  int4::NativeCode none;
};

class Stack : public testing::TestWithParam<const char *> {};

TEST_P(Stack, IsAsDeepAsDeclared) {
#if defined(HILLOCK_SANITIZED)
  GTEST_SKIP() << "sanitizers have stacks of their own";
#endif
  Call empty;
  const Nothing nothing;
  empty.runner = &nothing;
  const uint64_t around = depthOf(empty);
  int networks = 0;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    const ann::IntNetwork network =
        seed % 4 ? test::randomIntNetwork(seed) : test::wideIntNetwork(seed);
    if (Error bad = ann::check(network, "random")) {
      llvm::consumeError(std::move(bad));
      continue;
    }
    int4::NativeOptions options;
    if (std::string(GetParam()) != "host") {
      options.triple = llvm::sys::getDefaultTargetTriple();
      options.cpu = GetParam();
    }
    auto runner = int4::NativeRunner::create(network, options, "random");
    ASSERT_TRUE(bool(runner)) << takeText(runner.takeError());
    const int4::NativeCode &code = (*runner)->code();
    ASSERT_GT(code.stackBytes, 0u);
    std::vector<char> memory(code.arenaBytes + 64);
    Call call;
    call.runner = runner->get();
    call.input = test::randomCodes(network, seed);
    call.output = test::expectedCodes(network, call.input);
    const auto address = reinterpret_cast<uintptr_t>(memory.data());
    call.arena = memory.data() + (64 - address % 64) % 64;
    const uint64_t depth = depthOf(call) - around;
    EXPECT_LE(depth, code.stackBytes) << "seed " << seed;
    // A frame counts twice where it is the largest and the second, and with it
    // what is lost to alignment.
    EXPECT_GE(2 * depth + 2 * (8 + 63), code.stackBytes) << "seed " << seed;
    ++networks;
  }
  EXPECT_GT(networks, 10);
}

std::vector<const char *> processors() {
  std::vector<const char *> all = {"host"};
  if (llvm::StringRef(llvm::sys::getDefaultTargetTriple())
          .starts_with("x86_64"))
    all.push_back("x86-64");
  return all;
}

INSTANTIATE_TEST_SUITE_P(Processors, Stack, testing::ValuesIn(processors()),
                         [](const auto &info) {
                           return std::string(info.param) == "host" ? "host"
                                                                    : "x86_64";
                         });

} // namespace
