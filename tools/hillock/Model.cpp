//===- tools/hillock/Model.cpp - Images and probes ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Model.h"
#include "base/Describe.h"
#include "emulator/jit/Jit.h"
#include "emulator/stream/StreamEmulator.h"
#include "tools/hillock/CrossbarModel.h"
#include "llvm/Support/Path.h"
#include <charconv>
#include <climits>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace hillock::tool {

std::vector<std::string> levelNames() {
  return {"chip", "cores", "integer", "real"};
}

const char *levelName(Level level) {
  static const std::vector<std::string> names = levelNames();
  return names[static_cast<size_t>(level)].c_str();
}

Level parseLevel(const std::string &name) {
  const std::vector<std::string> names = levelNames();
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<Level>(i);
  return Level::Chip;
}

bool isModelFile(const std::string &path) {
  return llvm::sys::path::extension(path) != ".hlk";
}

const runtime::SpikeTrain *
LevelResult::population(const std::string &name) const {
  for (const runtime::SpikeTrain &train : populations)
    if (train.name == name)
      return &train;
  return nullptr;
}

Expected<std::unique_ptr<Runner>>
Model::runnerOn(std::unique_ptr<emu::Emulator>) {
  return makeError(ErrorKind::Internal, "only an image runs on an emulator",
                   path);
}

void CrossbarCostSum::add(const CrossbarCostSum &other) {
  cycles += other.cycles;
  clearCycles += other.clearCycles;
  programCycles = other.programCycles;
  neuronEvents += other.neuronEvents;
  virtualEvents += other.virtualEvents;
  sops += other.sops;
  spikes += other.spikes;
  lost += other.lost;
  milliseconds += other.milliseconds;
  nanojoules += other.nanojoules;
  megahertz = other.megahertz;
  sameChip = other.sameChip;
}

static bool parseRange(const std::string &text, int64_t &first, int64_t &last) {
  const char *end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, first);
  if (result.ec != std::errc() || first < 0)
    return false;
  last = first;
  if (result.ptr != end && *result.ptr == '-')
    result = std::from_chars(result.ptr + 1, end, last);
  return result.ec == std::errc() && result.ptr == end && last >= first;
}

Expected<ProbeRequest> parseProbe(const std::string &text) {
  ProbeRequest request;
  request.text = text;
  request.population = text;
  // Names may contain colons; a state never contains a bracket.
  const size_t colon = text.rfind(':');
  const bool split =
      colon != std::string::npos && text.find(']', colon) == std::string::npos;
  if (split) {
    request.state = text.substr(colon + 1);
    request.population = text.substr(0, colon);
  }
  std::string &name = request.population;
  bool good = !name.empty() && !(split && request.state.empty());
  if (good && name.back() == ']') {
    const size_t open = name.rfind('[');
    good = open != std::string::npos && open > 0 &&
           parseRange(name.substr(open + 1, name.size() - open - 2),
                      request.first, request.last);
    if (good)
      name.resize(open);
  }
  if (!good)
    return makeError(ErrorKind::Usage, "is no probe", "--probe " + text,
                     "write NAME, NAME:STATE, NAME[3]:STATE or "
                     "NAME[3-9]:STATE");
  return request;
}

namespace {

class ImageRunner : public Runner {
public:
  ImageRunner(runtime::Session session, const std::vector<Port> &inputs)
      : session(std::move(session)), inputs(inputs) {}

  Expected<LevelResult> run(const Stimuli &stimuli,
                            const LevelOptions &options) override {
    Expected<std::vector<std::string>> probes = probeTexts(options);
    if (!probes)
      return probes.takeError();
    runtime::RunOptions run;
    run.steps = options.steps;
    run.populations = options.populations;
    run.probes = std::move(*probes);
    run.progress = options.progress;
    if (options.onChip)
      options.onChip(run);
    Stimuli all = stimuli;
    for (const Port &port : inputs)
      if (!all.count(port.name))
        all[port.name].shape = port.shape;
    Expected<runtime::RunResult> result = session.run(all, run);
    if (!result)
      return result.takeError();
    return convert(std::move(*result), options);
  }

private:
  /// In the spelling of the session.
  Expected<std::vector<std::string>>
  probeTexts(const LevelOptions &options) const {
    std::vector<std::string> texts, names;
    for (const proto::Population &population :
         session.image().proto.debug().population())
      if (!population.is_input())
        names.push_back(population.name());
    for (const ProbeRequest &request : options.probes) {
      if (std::find(names.begin(), names.end(), request.population) ==
          names.end())
        return makeError(
            ErrorKind::Usage,
            "the chip has no population '" + request.population + "'",
            "--probe " + request.text, didYouMean(request.population, names));
      std::string text = request.population;
      if (request.last >= 0)
        text += "[" + std::to_string(request.first) + "-" +
                std::to_string(request.last) + "]";
      texts.push_back(text + ":" +
                      (request.state.empty() ? "v" : request.state));
    }
    return texts;
  }

  LevelResult convert(runtime::RunResult result,
                      const LevelOptions &options) const {
    LevelResult converted;
    converted.steps = result.steps;
    converted.chipSteps = result.chipSteps;
    converted.outputs = std::move(result.outputs);
    const proto::Debug &debug = session.image().proto.debug();
    for (size_t p = 0; p < result.populations.size(); ++p)
      if (!debug.population(static_cast<int>(p)).is_input())
        converted.populations.push_back(std::move(result.populations[p]));
    converted.inputSpikes = result.inputSpikes;
    converted.cores = std::move(result.cores);
    converted.stopped = std::move(result.stopped);
    for (size_t i = 0; i < result.probes.size(); ++i) {
      runtime::ProbeTrace &probe = result.probes[i];
      ProbeTrace trace{options.probes[i].text,
                       probe.population,
                       probe.state,
                       {probe.neurons.begin(), probe.neurons.end()},
                       {}};
      for (const std::vector<int32_t> &row : probe.values)
        trace.values.emplace_back(row.begin(), row.end());
      converted.probes.push_back(std::move(trace));
    }
    return converted;
  }

  runtime::Session session;
  const std::vector<Port> &inputs;
};

class ImageModel : public Model {
public:
  explicit ImageModel(std::shared_ptr<const image::LoadedImage> image)
      : loaded(std::move(image)) {
    const proto::Image &proto = loaded->proto;
    network = proto.debug().network();
    for (const proto::Port &port : proto.io().input())
      inputs.push_back({port.name(),
                        {port.shape().begin(), port.shape().end()},
                        port.has_codes()});
    readNotes(proto.debug().notes_json());
  }

  std::shared_ptr<const image::LoadedImage> image() const override {
    return loaded;
  }

  Expected<std::unique_ptr<Runner>> runner(unsigned threads) override {
    Expected<runtime::Session> session =
        runtime::Session::open(loaded, threads);
    if (!session)
      return session.takeError();
    return std::make_unique<ImageRunner>(std::move(*session), inputs);
  }

  Expected<std::unique_ptr<Runner>>
  runnerOn(std::unique_ptr<emu::Emulator> emulator) override {
    Expected<runtime::Session> session =
        runtime::Session::open(loaded, std::move(emulator));
    if (!session)
      return session.takeError();
    return std::make_unique<ImageRunner>(std::move(*session), inputs);
  }

private:
  /// The debug section is never needed: what cannot be read is left out.
  void readNotes(const std::string &text) {
    const auto notes =
        nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!notes.is_object())
      return;
    const auto array = [&](const char *key) {
      const auto found = notes.find(key);
      return found != notes.end() && found->is_array()
                 ? *found
                 : nlohmann::json::array();
    };
    for (const auto &row : array("conventions"))
      if (row.is_array() && row.size() == 3 && row[0].is_string() &&
          row[1].is_string() && row[2].is_string())
        conventions.push_back({row[0], row[1], row[2]});
    for (const auto &remark : array("remarks"))
      if (remark.is_string())
        remarks.push_back(remark);
  }

  std::shared_ptr<const image::LoadedImage> loaded;
};

Expected<image::LoadedImage> loadWhole(const std::string &path) {
  Expected<proto::Image> proto = image::readImage(path);
  if (!proto)
    return proto.takeError();
  return image::load(std::move(*proto), path);
}

/// A larger message is not read whole.
bool fitsMessage(const std::string &path) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(path, unknown);
  return !unknown && bytes <= INT_MAX;
}

/// image() has no tables: they go from the file into the emulator, core by
/// core.
class StreamedModel : public ImageModel {
public:
  StreamedModel(image::ImageReader reader,
                std::shared_ptr<const image::LoadedImage> outline, bool orWhole)
      : ImageModel(std::move(outline)), reader(std::move(reader)),
        orWhole(orWhole) {}

  Expected<std::unique_ptr<Runner>> runner(unsigned threads) override {
    if (!reader)
      return makeError(ErrorKind::Internal, "it is streamed once", path);
    const emu::Options options = emu::hostOptions(threads);
    auto emulator =
        emu::createStreamed(*std::exchange(reader, std::nullopt), options);
    if (!emulator && orWhole) {
      llvm::consumeError(emulator.takeError());
      emulator = onWhole(options);
    }
    if (!emulator)
      return emulator.takeError();
    return runnerOn(std::move(*emulator));
  }

private:
  Expected<std::unique_ptr<emu::Emulator>>
  onWhole(const emu::Options &options) const {
    Expected<image::LoadedImage> whole = loadWhole(path);
    if (!whole)
      return whole.takeError();
    return emu::Emulator::create(
        std::make_shared<const image::LoadedImage>(std::move(*whole)), options);
  }

  std::optional<image::ImageReader> reader;
  bool orWhole;
};

Expected<std::unique_ptr<Model>> streamedModel(const std::string &path,
                                               bool orWhole) {
  Expected<image::ImageReader> reader = image::ImageReader::open(path);
  if (!reader)
    return reader.takeError();
  if (isCrossbar(reader->frame()))
    return makeError(ErrorKind::Usage, "a chip with a crossbar has no cores",
                     path, "leave --stream out");
  Expected<image::LoadedImage> outline = reader->outline();
  if (!outline)
    return outline.takeError();
  auto model = std::make_unique<StreamedModel>(
      std::move(*reader),
      std::make_shared<const image::LoadedImage>(std::move(*outline)), orWhole);
  model->path = path;
  return model;
}

} // namespace

std::unique_ptr<Model>
imageModel(std::shared_ptr<const image::LoadedImage> image, std::string path) {
  if (isCrossbar(*image))
    return crossbarImageModel(std::move(image), std::move(path));
  auto model = std::make_unique<ImageModel>(std::move(image));
  model->path = std::move(path);
  return model;
}

Expected<std::unique_ptr<Model>> openStreamed(const std::string &path,
                                              bool orWhole) {
  orWhole = orWhole && fitsMessage(path);
  Expected<std::unique_ptr<Model>> model = streamedModel(path, orWhole);
  if (model || !orWhole)
    return model;
  llvm::consumeError(model.takeError());
  return openImage(path);
}

Error checkImageLevel(const std::string &path, std::optional<Level> level) {
  if (!level || *level == Level::Chip)
    return Error::success();
  return makeError(ErrorKind::Usage,
                   "an image has no " + std::string(levelName(*level)) +
                       " level",
                   path, "give the model that it was compiled from");
}

Expected<std::unique_ptr<Model>> openImage(const std::string &path) {
  Expected<image::LoadedImage> loaded = loadWhole(path);
  if (!loaded)
    return loaded.takeError();
  return imageModel(
      std::make_shared<const image::LoadedImage>(std::move(*loaded)), path);
}

} // namespace hillock::tool
