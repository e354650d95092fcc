//===- backends/odin/SpiText.cpp - Files of frames
//-------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/SpiProgram.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::odin {

using llvm::StringRef;

static constexpr const char kMagic[] = "hillock-odin-spi";

static std::string hex(uint64_t value, unsigned digits) {
  return llvm::utohexstr(value, /*LowerCase=*/true, digits);
}

static std::string describeByte(SpiFrame frame) {
  if (!frame.writes())
    return frame.reads() ? ": read" : ": nothing";
  std::string text = " = 0x" + hex(frame.byte(), 2);
  if (frame.mask() == 0xFF)
    text = ": written as it is";
  else if (frame.mask() != 0)
    text += ", bits 0x" + hex(static_cast<uint8_t>(~frame.mask()), 2);
  return text + (frame.reads() ? ", and read" : "");
}

std::string describe(Chip chip, SpiFrame frame) {
  switch (frame.kind()) {
  case SpiFrame::Kind::Register:
    if (frame.address() >= registerCount(chip))
      return "register " + std::to_string(frame.address()) +
             ", which does not exist";
    return registerName(chip, frame.address()) + " = " +
           (frame.address() >= 2 && frame.address() < 18 && chip == Chip::Odin
                ? "0x" + hex(frame.data(), 4)
                : std::to_string(frame.data()));
  case SpiFrame::Kind::Neuron:
    return "neuron " + std::to_string(frame.neuron()) + ", byte " +
           std::to_string(frame.neuronByte()) + describeByte(frame);
  case SpiFrame::Kind::Synapse: {
    const unsigned source = frame.synapseWord() >> 5;
    const unsigned target =
        (frame.synapseWord() & 31) * 8 + 2 * frame.synapseByte();
    return "synapses " + std::to_string(source) + " -> " +
           std::to_string(target) + ", " + std::to_string(target + 1) +
           describeByte(frame);
  }
  case SpiFrame::Kind::Nothing:
    break;
  }
  return "no command";
}

std::string SpiStream::place(size_t frame) const {
  if (frame == std::string::npos)
    return {};
  std::string text = "frame " + std::to_string(frame + 1);
  if (frame < lines.size())
    text = "line " + std::to_string(lines[frame]) + " (" + text + ")";
  return text;
}

std::string writeSpiBinary(llvm::ArrayRef<SpiFrame> frames) {
  std::string bytes;
  bytes.reserve(5 * frames.size());
  for (SpiFrame frame : frames)
    for (int shift = 32; shift >= 0; shift -= 8)
      bytes += static_cast<char>(frame.bits >> shift & 0xFF);
  return bytes;
}

std::string writeSpiText(Chip chip, const SpiProgram &program,
                         llvm::ArrayRef<int> answers) {
  std::string text = std::string(kMagic) + " 1\nchip " + chipName(chip).str() +
                     "\n# frames of 40 bits: address (R, W, 2 of command, 16), "
                     "data (4 of zero, mask, byte)\n";
  size_t section = 0;
  for (size_t i = 0; i < program.frames.size(); ++i) {
    for (; section < program.sections.size() &&
           program.sections[section].first == i;
         ++section)
      text += "\n# " + program.sections[section].title + "\n";
    text += hex(program.frames[i].bits, 10);
    if (i < answers.size() && answers[i] >= 0)
      text += " = " + hex(static_cast<uint64_t>(answers[i]), 2);
    text += "  # " + describe(chip, program.frames[i]) + "\n";
  }
  return text;
}

bool isSpiText(StringRef content) { return content.starts_with(kMagic); }

/// tinyODIN has four registers and neurons of four bytes.
static Chip concludeChip(const std::vector<SpiFrame> &frames) {
  for (SpiFrame frame : frames) {
    const bool wide = frame.kind() == SpiFrame::Kind::Register
                          ? frame.address() >= 4 && frame.address() < 26
                          : frame.kind() == SpiFrame::Kind::Neuron &&
                                frame.neuronByte() >= 4 &&
                                frame.neuronByte() < 16;
    if (wide)
      return Chip::Odin;
  }
  return Chip::Tiny;
}

static SpiStream readBinary(StringRef content, std::optional<Chip> chip) {
  SpiStream stream(chip.value_or(Chip::Tiny));
  stream.chipStated = chip.has_value();
  for (size_t at = 0; at < content.size(); at += 5) {
    const StringRef bytes = content.substr(at, 5);
    uint64_t bits = 0;
    for (char byte : bytes)
      bits = bits << 8 | static_cast<uint8_t>(byte);
    if (bytes.size() < 5)
      stream.cuts.push_back(
          {stream.frames.size(), static_cast<unsigned>(8 * bytes.size())});
    stream.frames.push_back({bits << (8 * (5 - bytes.size()))});
  }
  if (!chip)
    stream.chip = concludeChip(stream.frames);
  return stream;
}

namespace {

class TextReader {
public:
  TextReader(StringRef name, std::optional<Chip> wanted)
      : name(name), wanted(wanted), stream(Chip::Tiny) {}

  Expected<SpiStream> read(StringRef content) {
    unsigned number = 0;
    while (!content.empty()) {
      StringRef line;
      std::tie(line, content) = content.split('\n');
      if (Error error = take(line.split('#').first.trim(), ++number))
        return std::move(error);
    }
    if (!stream.chipStated)
      return fail(number, "the chip is not named", "add 'chip odin'");
    if (!answered)
      stream.answers.clear();
    return std::move(stream);
  }

private:
  Error fail(unsigned line, std::string what, std::string remedy = {}) {
    return inputError(std::move(what),
                      (name + ": line " + llvm::Twine(line)).str(),
                      std::move(remedy));
  }

  Error take(StringRef line, unsigned number) {
    if (line.empty())
      return Error::success();
    if (!versioned)
      return takeVersion(line, number);
    if (line.consume_front("chip "))
      return takeChip(line.trim(), number);
    if (!stream.chipStated)
      return fail(number, "the chip must be named before the first frame",
                  "add 'chip odin'");
    auto [digits, answer] = line.split('=');
    digits = digits.rtrim();
    uint64_t bits = 0;
    if (digits.getAsInteger(16, bits) || digits.size() > 15)
      return fail(number, "'" + digits.str() + "' is not a hexadecimal number",
                  "write ten digits, then '= BYTE' or '# COMMENT' if wanted");
    if (digits.size() != 10)
      stream.cuts.push_back(
          {stream.frames.size(), static_cast<unsigned>(4 * digits.size())});
    if (digits.size() < 10)
      bits <<= 40 - 4 * digits.size();
    if (digits.size() > 10)
      bits >>= 4 * digits.size() - 40;
    stream.frames.push_back({bits});
    stream.lines.push_back(number);
    return takeAnswer(line, answer.trim(), number);
  }

  Error takeVersion(StringRef line, unsigned number) {
    versioned = true;
    if (line.consume_front(kMagic) && line.trim() == "1")
      return Error::success();
    return fail(number, "the first line is not 'hillock-odin-spi 1'");
  }
  Error takeChip(StringRef chip, unsigned number) {
    if (chip != "odin" && chip != "tinyodin")
      return fail(number, "there is no chip '" + chip.str() + "'",
                  "write 'chip odin' or 'chip tinyodin'");
    stream.chip = chip == "odin" ? Chip::Odin : Chip::Tiny;
    stream.chipStated = true;
    if (wanted && *wanted != stream.chip)
      return fail(number, "the frames are for " + chip.str() + ", not for " +
                              chipName(*wanted).str());
    return Error::success();
  }
  Error takeAnswer(StringRef line, StringRef answer, unsigned number) {
    unsigned byte = 0;
    const bool given = line.contains('=');
    if (given && (answer.getAsInteger(16, byte) || byte > 0xFF))
      return fail(number, "'" + answer.str() + "' is not a byte");
    stream.answers.push_back(given ? static_cast<int>(byte) : -1);
    answered |= given;
    return Error::success();
  }

  StringRef name;
  std::optional<Chip> wanted;
  SpiStream stream;
  bool versioned = false, answered = false;
};

} // namespace

Expected<SpiStream> readSpi(StringRef content, StringRef name,
                            std::optional<Chip> chip) {
  if (isSpiText(content))
    return TextReader(name, chip).read(content);
  return readBinary(content, chip);
}

} // namespace hillock::odin
