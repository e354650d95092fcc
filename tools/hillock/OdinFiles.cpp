//===- tools/hillock/OdinFiles.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/OdinFiles.h"
#include "backends/odin/Hex.h"
#include "backends/odin/Lint.h"
#include "backends/odin/OdinImage.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace hillock::tool {

using namespace odin;

static llvm::StringRef extensionOf(const std::string &path) {
  return llvm::sys::path::extension(path);
}

bool isBoardFile(const std::string &path) {
  const llvm::StringRef extension = extensionOf(path);
  return extension == ".spi" || extension == ".hex" || extension == ".txt";
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Error checkBoardFormat(const std::string &format, const std::string &output) {
  if (format != "spi" && format != "hex")
    return makeError(ErrorKind::Usage, "there is no format '" + format + "'",
                     "--emit", "write --emit spi, hex or spinnaker");
  const llvm::StringRef extension = extensionOf(output);
  const bool fits = format == "hex"
                        ? extension == ".hex"
                        : extension == ".spi" || extension == ".txt";
  if (fits)
    return Error::success();
  return makeError(ErrorKind::Usage, "the file does not end like the format",
                   output.empty() ? "-o" : "-o " + output,
                   format == "hex" ? "add -o FILE.hex"
                                   : "add -o FILE.spi (binary) or -o FILE.txt "
                                     "(a frame a line)");
}

static Error emitHex(const ChipConfig &config, const std::string &output,
                     Output &out) {
  const std::string stem = output.substr(0, output.size() - 4);
  Json files = Json::array();
  for (const HexFile &file : writeHex(config)) {
    const std::string path = stem + "." + file.part + ".hex";
    if (Error error = writeFile(path, file.text))
      return error;
    out.item(file.part, path);
    files.push_back(path);
  }
  out.document["emitted"] = {{"format", "hex"}, {"files", std::move(files)}};
  return Error::success();
}

Error emitBoard(const proto::Image &image, const std::string &name,
                const std::string &format, const std::string &output,
                Output &out) {
  if (!isCrossbarImage(image))
    return inputError("the format --emit " + format +
                          " is that of ODIN and tinyODIN",
                      name, "compile with --target odin or tinyodin");
  Expected<ChipConfig> config = fromImage(image, name);
  if (!config)
    return config.takeError();
  if (format == "hex")
    return emitHex(*config, output, out);
  const SpiProgram program = programFrames(*config);
  const bool text = extensionOf(output) == ".txt";
  if (Error error = writeFile(output, text ? writeSpiText(config->chip, program)
                                           : writeSpiBinary(program.frames)))
    return error;
  const size_t frames = program.frames.size();
  out.item("frames", describeCount(frames, "SPI frame") + " of 40 bits for " +
                         chipName(config->chip).str() + " in " + output);
  out.document["emitted"] = {
      {"format", "spi"}, {"files", Json::array({output})}, {"frames", frames}};
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// What is known of a network from its memories alone.
class Summary {
public:
  explicit Summary(const ChipConfig &config) : config(config) {}

  void show(Output &out) {
    countSynapses();
    const Chip chip = config.chip;
    unsigned enabled = 0;
    uint64_t synapses = 0, mixed = 0;
    for (unsigned n = 0; n < kNeurons; ++n) {
      enabled += !config.disabled(n);
      synapses += outgoing[n];
      mixed += outgoing[n] != 0 && config.disabled(n);
    }
    out.item("neurons", std::to_string(enabled) + " of 256 enabled");
    out.item("synapses",
             withSeparators(synapses) + " to enabled neurons that are not 0, " +
                 std::to_string(mixed) + " sources are no neurons (inputs)");
    out.item("neuron event", withSeparators(uint64_t{maxSweepCycles(config)}) +
                                 " cycles and 6 for each spike");
    showRegisters(out);
    out.line();
    out.text += neuronTable(out);
    out.document["chip"] = chipName(chip).str();
    out.document["enabled_neurons"] = enabled;
    out.document["synapses"] = synapses;
  }

private:
  void countSynapses() {
    for (unsigned source = 0; source < kNeurons; ++source)
      for (unsigned target = 0; target < kNeurons; ++target) {
        const unsigned code = config.synapse(source, target);
        const bool acts =
            config.chip == Chip::Tiny
                ? code != 0
                : emu::odin::odinWeight(
                      code, config.registers.propagateUnmapped) != 0;
        if (!acts || config.disabled(target))
          continue;
        ++outgoing[source];
        ++incoming[target];
      }
  }

  void showRegisters(Output &out) const {
    Json list = Json::object();
    for (unsigned a = 0; a < registerCount(config.chip); ++a)
      list[registerName(config.chip, a)] =
          registerValue(config.chip, config.registers, a);
    for (unsigned a = 0; a < registerCount(config.chip); ++a) {
      const std::string name = registerName(config.chip, a);
      if (const uint32_t value = list[name])
        out.item(name, std::to_string(value));
    }
    out.document["registers"] = std::move(list);
  }

  std::string neuronTable(Output &out) const {
    constexpr size_t most = 24;
    std::vector<std::vector<std::string>> rows = {
        {"neuron", "model", "threshold", "leak", "potential", "synapses in",
         "out"}};
    Json list = Json::array();
    for (unsigned n = 0; n < kNeurons; ++n) {
      if (config.disabled(n))
        continue;
      const Word128 &word = config.neurons[n];
      const NeuronKind kind = neuronKind(config.chip, word);
      Json fields = Json::object();
      for (const Field &field : neuronFields(kind))
        fields[field.name] = getField(word, field);
      const auto text = [&](const char *name) {
        return std::to_string(fields[name].get<int>());
      };
      if (rows.size() <= most)
        rows.push_back({std::to_string(n), kindName(kind).str(), text("thr"),
                        text("leak_str"), text("core"),
                        std::to_string(incoming[n]),
                        std::to_string(outgoing[n])});
      list.push_back({{"neuron", n},
                      {"model", kindName(kind).str()},
                      {"fields", std::move(fields)},
                      {"synapses_in", incoming[n]},
                      {"synapses_out", outgoing[n]}});
    }
    std::string text = table(rows);
    if (list.size() > most)
      text += "  ... and " + describeCount(list.size() - most, "more neuron") +
              "\n";
    out.document["neurons"] = std::move(list);
    return text;
  }

  const ChipConfig &config;
  std::array<unsigned, kNeurons> incoming{}, outgoing{};
};

} // namespace

static Expected<ChipConfig>
readHexFiles(const std::string &path, const std::string &content, Output &out) {
  auto header = hexHeader(content, path);
  if (!header)
    return header.takeError();
  // FILE.neurons.hex has two siblings.
  const std::string tail = "." + header->second + ".hex";
  std::vector<HexFile> files = {{header->second, content}};
  if (llvm::StringRef(path).ends_with(tail))
    for (const char *part : {"neurons", "synapses", "registers"}) {
      const std::string other =
          path.substr(0, path.size() - tail.size()) + "." + part + ".hex";
      if (header->second == part || !llvm::sys::fs::exists(other))
        continue;
      Expected<std::string> text = readFile(other);
      if (!text)
        return text.takeError();
      files.push_back({part, *text});
    }
  out.line(path + ": memory images for " + chipName(header->first).str());
  std::string names;
  for (const HexFile &file : files)
    names += (names.empty() ? "" : ", ") + file.part;
  out.item("parts", names);
  return readHex(files);
}

static void describeStream(const std::string &path, const SpiStream &stream,
                           Output &out) {
  size_t registers = 0, writes = 0, reads = 0;
  for (SpiFrame frame : stream.frames) {
    registers += frame.kind() == SpiFrame::Kind::Register;
    writes += frame.memory() && frame.writes();
    reads += frame.memory() && frame.reads();
  }
  out.line(path + ": SPI program for " + chipName(stream.chip).str() +
           (stream.chipStated ? "" : " (concluded from the frames)"));
  out.item("frames", withSeparators(uint64_t{stream.frames.size()}) + ": " +
                         withSeparators(uint64_t{registers}) + " registers, " +
                         withSeparators(uint64_t{writes}) + " writes, " +
                         withSeparators(uint64_t{reads}) + " reads");
  out.item("SCK",
           withSeparators(uint64_t{stream.frames.size() * 40}) + " clocks");
  out.document["frames"] = {{"all", stream.frames.size()},
                            {"registers", registers},
                            {"writes", writes},
                            {"reads", reads}};
}

static int showLint(const std::string &path, const SpiStream &stream,
                    Output &out) {
  Json list = Json::array();
  size_t errors = 0;
  for (const LintFinding &finding : lint(stream)) {
    out.text += odin::describe(stream, finding, path);
    errors += finding.rule->severity == Severity::Error;
    Json one = {{"rule", finding.rule->name},
                {"severity", severityName(finding.rule->severity).str()},
                {"text", finding.text},
                {"count", finding.count},
                {"trap", finding.rule->trap},
                {"remedy", finding.rule->remedy}};
    if (finding.frame != std::string::npos) {
      one["frame"] = finding.frame + 1;
      if (finding.frame < stream.lines.size())
        one["line"] = stream.lines[finding.frame];
    }
    list.push_back(std::move(one));
  }
  if (list.empty())
    out.line(path + ": nothing found in " +
             describeCount(stream.frames.size(), "frame") + " for " +
             chipName(stream.chip).str());
  out.document["findings"] = std::move(list);
  out.document["errors"] = errors;
  return errors == 0 ? 0 : static_cast<int>(ErrorKind::Input);
}

Expected<int> inspectBoard(const std::string &path,
                           const BoardInspection &options, Output &out) {
  Expected<std::string> content = readFile(path);
  if (!content)
    return content.takeError();
  out.document["file"] = path;
  if (isHex(*content) || extensionOf(path) == ".hex") {
    if (options.lint || options.readback)
      return makeError(ErrorKind::Usage, "is for SPI frames",
                       options.lint ? "--lint" : "--readback");
    Expected<ChipConfig> config = readHexFiles(path, *content, out);
    if (!config)
      return config.takeError();
    Summary(*config).show(out);
    return 0;
  }
  if (extensionOf(path) == ".txt" && !isSpiText(*content))
    return inputError("is not a text of SPI frames", path,
                      "the first line must be 'hillock-odin-spi 1'");
  std::optional<Chip> chip;
  if (options.target == "odin" || options.target == "tinyodin")
    chip = options.target == "odin" ? Chip::Odin : Chip::Tiny;
  Expected<SpiStream> stream = readSpi(*content, path, chip);
  if (!stream)
    return stream.takeError();
  if (options.lint)
    return showLint(path, *stream, out);
  describeStream(path, *stream, out);
  Expected<ChipConfig> config = configOf(*stream, options.readback);
  if (!config)
    return inputError(takeText(config.takeError()), path);
  Summary(*config).show(out);
  return 0;
}

} // namespace hillock::tool
