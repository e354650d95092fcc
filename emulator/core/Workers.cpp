//===- emulator/core/Workers.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Workers.h"
#include <system_error>

namespace hillock::emu {

namespace {

/// Steps take microseconds, a wake-up does too: look a while before sleeping.
/// Now and then the processor is offered to others, among whom may be the very
/// thread that is waited for; but not at once, as an offer alone takes as long
/// as most waits between steps.
constexpr int looks = 4000, looksBefore = 1000, looksAtOnce = 64;

template <typename Done, typename Atomic>
uint32_t waitUntil(Atomic &value, Done done) {
  for (int i = 0; i < looks; ++i) {
    uint32_t seen = value.load(std::memory_order_acquire);
    if (done(seen))
      return seen;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    if (i >= looksBefore && i % looksAtOnce == 0)
      std::this_thread::yield();
  }
  for (;;) {
    uint32_t seen = value.load(std::memory_order_acquire);
    if (done(seen))
      return seen;
    value.wait(seen, std::memory_order_acquire);
  }
}

} // namespace

Workers::Workers(unsigned count, std::function<void(unsigned)> work)
    : job(std::move(work)) {
  try {
    for (unsigned w = 1; w < count; ++w)
      threads.emplace_back([this, w] { loop(w); });
  } catch (const std::system_error &) {
    // The system gives no more threads: go on with those that exist.
  }
}

Workers::~Workers() {
  stop.store(true, std::memory_order_relaxed);
  round.fetch_add(1, std::memory_order_release);
  round.notify_all();
  for (std::thread &thread : threads)
    thread.join();
}

void Workers::run() {
  working.store(static_cast<uint32_t>(threads.size()),
                std::memory_order_relaxed);
  round.fetch_add(1, std::memory_order_release);
  if (!threads.empty())
    round.notify_all();
  job(0);
  waitUntil(working, [](uint32_t left) { return left == 0; });
}

void Workers::meet() {
  if (threads.empty())
    return;
  const uint32_t number = meeting.load(std::memory_order_relaxed);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) == threads.size()) {
    arrived.store(0, std::memory_order_relaxed);
    meeting.store(number + 1, std::memory_order_release);
    meeting.notify_all();
    return;
  }
  waitUntil(meeting, [number](uint32_t now) { return now != number; });
}

void Workers::loop(unsigned worker) {
  uint32_t last = 0;
  for (;;) {
    last = waitUntil(round, [last](uint32_t now) { return now != last; });
    if (stop.load(std::memory_order_relaxed))
      return;
    job(worker);
    if (working.fetch_sub(1, std::memory_order_acq_rel) == 1)
      working.notify_one();
  }
}

} // namespace hillock::emu
