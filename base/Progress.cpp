//===- base/Progress.cpp --------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Progress.h"
#include "base/Describe.h"
#include <algorithm>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace hillock {

using Clock = std::chrono::steady_clock;

static unsigned terminalWidth() {
  struct winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

Progress::Progress(std::string name, uint64_t all, Show show)
    : label(std::move(name)), total(all),
      visible(show == Show::Always ||
              (show == Show::Auto && ::isatty(STDERR_FILENO))),
      start(Clock::now()), drawn(start) {}

Progress::~Progress() {
  if (onScreen)
    std::fputs("\r\x1b[K", stderr);
}

uint64_t Progress::done() const {
  std::lock_guard<std::mutex> guard(mutex);
  return count;
}

void Progress::advance(uint64_t more) {
  std::lock_guard<std::mutex> guard(mutex);
  count += more;
  // Ten times a second is enough for eyes, and short work shows nothing.
  if (visible && Clock::now() - drawn >= std::chrono::milliseconds(100))
    draw();
}

void Progress::draw() {
  drawn = Clock::now();
  const double seconds = std::chrono::duration<double>(drawn - start).count();
  // The last column stays free: some terminals wrap when it is filled.
  const std::string text =
      line(label, count, total, seconds, terminalWidth() - 1);
  std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
  std::fflush(stderr);
  onScreen = true;
}

static std::string rateText(double rate) {
  char text[32];
  if (rate >= 100)
    return withSeparators(static_cast<uint64_t>(std::min(rate, 1e18)));
  std::snprintf(text, sizeof text, "%.1f", rate);
  return text;
}

std::string Progress::line(const std::string &label, uint64_t done,
                           uint64_t total, double seconds, unsigned width) {
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
  std::string tail = withSeparators(done);
  if (total)
    tail += "/" + withSeparators(total);
  if (rate > 0)
    tail += ", " + rateText(rate) + "/s";
  if (total && rate > 0 && done < total)
    tail +=
        ", ETA " + describeSeconds(static_cast<double>(total - done) / rate);
  std::string text = label + " ";
  if (total) {
    const double part =
        std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    char percent[8];
    std::snprintf(percent, sizeof percent, "%3d%%",
                  static_cast<int>(part * 100));
    const size_t fixed = text.size() + tail.size() + 8;
    if (width >= fixed + 10) { // no room, no bar
      const size_t bar = std::min<size_t>(width - fixed, 30);
      auto filled = static_cast<size_t>(part * static_cast<double>(bar));
      std::string body(filled, '=');
      if (filled < bar)
        body += ">" + std::string(bar - filled - 1, ' ');
      text += "[" + body + "] ";
    }
    text += std::string(percent) + " ";
  }
  text += tail;
  return text.substr(0, width);
}

} // namespace hillock
