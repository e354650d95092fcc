//===- benchmarks/Measure.cpp ---------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Measure.h"
#include <chrono>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/resource.h>

namespace hillock::bench {

double cpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval &t) {
    return double(t.tv_sec) + 1e-6 * double(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double wallSeconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

/// A line "KEY:  NUMBER kB" of /proc/self/status, in bytes; 0 without one.
static uint64_t statusBytes(const std::string &key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, key.size(), key) == 0)
      return std::stoull(line.substr(key.size())) * 1024;
  return 0;
}

uint64_t residentBytes() { return statusBytes("VmRSS:"); }
uint64_t peakBytes() { return statusBytes("VmHWM:"); }

bool resetPeak() {
  malloc_trim(0);
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush; // proc(5): resets the peak resident set size
  return static_cast<bool>(file);
}

} // namespace hillock::bench
