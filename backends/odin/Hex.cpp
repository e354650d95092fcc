//===- backends/odin/Hex.cpp ---------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/Hex.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

namespace hillock::odin {

using llvm::StringRef;

static constexpr const char kMagic[] = "// hillock-odin-hex 1 ";

static std::string hex(uint64_t value, unsigned digits) {
  return llvm::utohexstr(value, /*LowerCase=*/true, digits);
}

static std::string hexWord(Chip chip, const Word128 &word) {
  if (chip == Chip::Tiny)
    return hex(word.lo & 0xFFFFFFFF, 8);
  return hex(word.hi, 16) + hex(word.lo, 16);
}

std::vector<HexFile> writeHex(const ChipConfig &config) {
  const Chip chip = config.chip;
  std::vector<HexFile> files = {
      {"neurons", ""}, {"synapses", ""}, {"registers", ""}};
  for (HexFile &file : files)
    file.text = kMagic + chipName(chip).str() + " " + file.part + "\n";
  files[0].text += "// one neuron a line, from 0\n";
  for (const Word128 &word : config.neurons)
    files[0].text += hexWord(chip, word) + "\n";
  files[1].text += "// eight synapses a word, {source, target / 8}; the lowest "
                   "target is the last digit\n";
  for (unsigned i = 0; i < kSynapseWords; ++i) {
    if (i % 32 == 0)
      files[1].text += "// source " + std::to_string(i / 32) + "\n";
    files[1].text += hex(config.synapses[i], 8) + (i % 8 == 7 ? "\n" : " ");
  }
  files[2].text += "// one register a line, from address 0\n";
  for (unsigned i = 0; i < registerCount(chip); ++i)
    files[2].text += hex(registerValue(chip, config.registers, i), 5) + " // " +
                     registerName(chip, i) + "\n";
  return files;
}

bool isHex(StringRef content) { return content.starts_with(kMagic); }

Expected<std::pair<Chip, std::string>> hexHeader(StringRef content,
                                                 StringRef name) {
  StringRef line = content.split('\n').first;
  if (line.consume_front(kMagic)) {
    auto [chip, part] = line.trim().split(' ');
    const bool known =
        part == "neurons" || part == "synapses" || part == "registers";
    if (known && (chip == "odin" || chip == "tinyodin"))
      return std::pair(chip == "odin" ? Chip::Odin : Chip::Tiny, part.str());
  }
  return inputError("the first line does not name chip and memory",
                    name.str() + ": line 1",
                    "begin with '// hillock-odin-hex 1 odin neurons' (or "
                    "tinyodin; synapses, registers)");
}

namespace {

/// Numbers of one file for $readmemh.
class Reader {
public:
  Reader(StringRef part, unsigned words, unsigned digits)
      : part(part), words(words), digits(digits) {}

  /// \p store(address, word) is called for every word.
  Error read(StringRef content,
             llvm::function_ref<void(unsigned, const Word128 &)> store) {
    unsigned number = 0, at = 0;
    while (!content.empty()) {
      StringRef line;
      std::tie(line, content) = content.split('\n');
      ++number;
      line = line.substr(0, line.find("//"));
      llvm::SmallVector<StringRef> tokens;
      llvm::SplitString(line, tokens, " \t\r");
      for (StringRef token : tokens) {
        if (token.consume_front("@")) {
          if (token.getAsInteger(16, at))
            return fail(number, "'@" + token.str() + "' is no address");
          continue;
        }
        std::optional<Word128> word = parse(token);
        if (!word)
          return fail(number,
                      "'" + token.str() + "' is not a word of at most " +
                          std::to_string(digits) + " hexadecimal digits");
        if (at >= words)
          return fail(number, "word " + std::to_string(at) +
                                  " of a memory of " + std::to_string(words));
        store(at++, *word);
      }
    }
    return Error::success();
  }

private:
  Error fail(unsigned line, std::string what) {
    return inputError(std::move(what),
                      (part + ": line " + llvm::Twine(line)).str());
  }
  std::optional<Word128> parse(StringRef token) const {
    std::string text = token.str();
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    if (text.empty() || text.size() > digits)
      return std::nullopt;
    Word128 word;
    for (char c : text) {
      if (!llvm::isHexDigit(c))
        return std::nullopt;
      word.hi = word.hi << 4 | word.lo >> 60;
      word.lo = word.lo << 4 | llvm::hexDigitValue(c);
    }
    return word;
  }

  StringRef part;
  unsigned words, digits;
};

} // namespace

static Error readPart(const HexFile &file, ChipConfig &config) {
  const Chip chip = config.chip;
  if (file.part == "neurons")
    return Reader(file.part, kNeurons, chip == Chip::Tiny ? 8 : 32)
        .read(file.text, [&](unsigned at, const Word128 &word) {
          config.neurons[at] = word;
        });
  if (file.part == "synapses")
    return Reader(file.part, kSynapseWords, 8)
        .read(file.text, [&](unsigned at, const Word128 &word) {
          config.synapses[at] = static_cast<uint32_t>(word.lo);
        });
  return Reader(file.part, registerCount(chip), 5)
      .read(file.text, [&](unsigned at, const Word128 &word) {
        config.registers.write(chip, at, static_cast<uint32_t>(word.lo));
      });
}

Expected<ChipConfig> readHex(llvm::ArrayRef<HexFile> files) {
  std::optional<ChipConfig> config;
  for (const HexFile &file : files) {
    auto header = hexHeader(file.text, file.part);
    if (!header)
      return header.takeError();
    if (header->second != file.part)
      return inputError("holds the " + header->second, file.part,
                        "rename the file");
    if (!config)
      config.emplace(header->first);
    if (config->chip != header->first)
      return inputError("is for " + chipName(header->first).str() +
                            ", the others are for " +
                            chipName(config->chip).str(),
                        file.part);
    if (Error error = readPart(file, *config))
      return std::move(error);
  }
  if (!config)
    return inputError("no memory image was given");
  return std::move(*config);
}

} // namespace hillock::odin
