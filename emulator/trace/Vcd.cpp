//===- emulator/trace/Vcd.cpp - For waveform viewers, as text -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value change dump (IEEE Std 1364-2005, clause 18).
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "emulator/trace/Waves.h"
#include <algorithm>

namespace hillock::emu {

namespace {

class Vcd final : public WaveFile {
public:
  explicit Vcd(AtomicFile file) : file(std::move(file)) {}

  void comment(const std::string &words) override {
    text += "$comment " + words + " $end\n$timescale 1 ps $end\n";
  }
  void openScope(const std::string &name) override {
    text += "$scope module " + name + " $end\n";
  }
  void closeScope() override { text += "$upscope $end\n"; }
  void declare(const std::string &name, uint32_t bits) override;
  Error begin() override;
  void change(uint64_t ps, size_t signal, uint64_t value) override;
  Error flush() override;
  Error finish(uint64_t endPs) override;

private:
  struct Signal {
    std::string code;
    uint32_t bits = 1;
  };
  void show(const Signal &signal, uint64_t value);

  AtomicFile file;
  std::string text;
  std::vector<Signal> signals;
  uint64_t shownPs = 0;
};

void Vcd::declare(const std::string &name, uint32_t bits) {
  // Codes are numbers to the base 94 in the visible characters.
  std::string code;
  for (size_t n = signals.size() + 1; n > 0; n /= 94)
    code += static_cast<char>('!' + n % 94);
  text += "$var " + std::string(bits == 1 ? "wire " : "integer ") +
          std::to_string(bits) + " " + code + " " + name + " $end\n";
  signals.push_back({code, bits});
}

Error Vcd::begin() {
  text += "$enddefinitions $end\n#0\n$dumpvars\n";
  for (const Signal &signal : signals)
    show(signal, 0);
  text += "$end\n";
  return flush();
}

void Vcd::show(const Signal &signal, uint64_t value) {
  if (signal.bits == 1) {
    text += (value ? '1' : '0') + signal.code + "\n";
    return;
  }
  std::string digits;
  for (; value > 0; value /= 2)
    digits += static_cast<char>('0' + value % 2);
  std::reverse(digits.begin(), digits.end());
  text += "b" + (digits.empty() ? "0" : digits) + " " + signal.code + "\n";
}

void Vcd::change(uint64_t ps, size_t signal, uint64_t value) {
  if (ps != shownPs)
    text += "#" + std::to_string(ps) + "\n";
  shownPs = ps;
  show(signals[signal], value);
}

Error Vcd::flush() {
  if (Error error = file.write(text))
    return error;
  text.clear();
  return Error::success();
}

Error Vcd::finish(uint64_t endPs) {
  if (shownPs < endPs)
    text += "#" + std::to_string(endPs) + "\n";
  if (Error error = flush())
    return error;
  return file.commit();
}

} // namespace

Expected<std::unique_ptr<TraceFile>> createVcd(const std::string &path,
                                               const TraceShape &shape) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file)
    return file.takeError();
  return createWaves(std::make_unique<Vcd>(std::move(*file)), shape);
}

} // namespace hillock::emu
