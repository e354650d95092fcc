//===- compiler/mapping/solver/Assemble.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Assemble.h"
#include "image/ImageStream.h"
#include "image/Pack.h"
#include <algorithm>

namespace hillock::mapping {

namespace {

template <typename Message>
void setShape(const Population &population, Message &message) {
  for (int64_t axis : population.shape)
    message.add_shape(static_cast<uint32_t>(axis));
}

Error addPrograms(const Mapping &mapping,
                  const std::vector<image::Program> &programs,
                  proto::Image &image) {
  for (const std::string &name : mapping.programs) {
    const auto found = std::find_if(
        programs.begin(), programs.end(),
        [&](const image::Program &program) { return program.name == name; });
    if (found == programs.end())
      return makeError(ErrorKind::Internal,
                       "no code was given for neuron program '" + name + "'");
    *image.add_program() = image::toProto(*found);
  }
  return Error::success();
}

void addInput(const Population &population, const PlacedPopulation &placed,
              proto::Io &io) {
  proto::Port &port = *io.add_input();
  port.set_name(population.name);
  setShape(population, port);
  for (uint32_t first : placed.hostFirst)
    port.add_first(first);
  for (const HostAxon &axon : placed.host) {
    port.add_core(axon.core);
    port.add_index(axon.axon);
    port.add_atom(axon.atom);
  }
}

void addOutput(const Network::Output &output, const Network &network,
               const Mapping &mapping, proto::Io &io) {
  const Population &population = network.populations[output.population];
  const PlacedPopulation &placed = mapping.populations[output.population];
  proto::Port &port = *io.add_output();
  port.set_name(output.name);
  port.set_lag(population.lag);
  setShape(population, port);
  for (uint32_t n = 0; n < population.size(); ++n) {
    port.add_first(n);
    port.add_core(placed.core[n]);
    port.add_index(placed.compartment[n]);
  }
  port.add_first(population.size());
}

void addDebug(const Network &network, const Mapping &mapping, uint32_t p,
              proto::Debug &debug) {
  const Population &population = network.populations[p];
  proto::Population &out = *debug.add_population();
  out.set_name(population.name);
  setShape(population, out);
  out.set_location(population.location);
  out.set_lag(population.lag);
  out.set_is_input(population.isInput);
  for (uint32_t core : mapping.populations[p].core)
    out.add_core(core);
  for (uint32_t compartment : mapping.populations[p].compartment)
    out.add_compartment(compartment);
  out.set_scale(population.scale);
  out.set_synapses(mapping.statistics.populations[p].synapses);
  out.set_weight_error(population.weightError);
  uint32_t bits = 0;
  for (const Projection &projection : network.projections)
    if (projection.target == p)
      bits = std::max<uint32_t>(bits, projection.weightBits);
  out.set_weight_bits(bits);
  out.set_kind(population.kind);
}

/// Format, target and programs.
Error addHead(const Mapping &mapping, const target::TargetModel &target,
              const std::vector<image::Program> &programs,
              proto::Image &image) {
  image.set_format(image::imageFormat);
  image.set_producer("hillock");
  *image.mutable_target() = target.proto();
  return addPrograms(mapping, programs, image);
}

/// What the host and people must know.
void addTail(const Network &network, const Mapping &mapping,
             proto::Image &image) {
  image.mutable_io()->set_dt_seconds(network.dtSeconds);
  image.mutable_debug()->set_network(network.name);
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    if (network.populations[p].isInput)
      addInput(network.populations[p], mapping.populations[p],
               *image.mutable_io());
    addDebug(network, mapping, p, *image.mutable_debug());
  }
  for (const Network::Output &output : network.outputs)
    addOutput(output, network, mapping, *image.mutable_io());
}

/// Packs each core into the file as it comes.
class FileSink : public CoreSink {
public:
  FileSink(const target::TargetModel &target,
           const std::vector<image::Program> &programs, const std::string &path)
      : target(target), programs(programs), path(path) {}

  Error begin(const Mapping &mapping) override {
    proto::Image head;
    if (Error error = addHead(mapping, target, programs, head))
      return error;
    auto created = image::ImageWriter::create(path, head);
    if (!created)
      return created.takeError();
    writer = std::make_unique<image::ImageWriter>(std::move(*created));
    return Error::success();
  }
  Expected<std::string> encode(uint32_t, image::CoreTables tables) override {
    auto words = image::pack(tables, target);
    if (!words)
      return words.takeError();
    return image::coreBytes(*words);
  }
  Error add(std::string bytes) override { return writer->add(bytes); }
  Error finish(const Network &network, const Mapping &mapping) {
    proto::Image tail;
    addTail(network, mapping, tail);
    return writer->finish(tail);
  }

private:
  const target::TargetModel &target;
  const std::vector<image::Program> &programs;
  const std::string &path;
  std::unique_ptr<image::ImageWriter> writer;
};

} // namespace

Expected<proto::Image> assemble(const Network &network, const Mapping &mapping,
                                const target::TargetModel &target,
                                const std::vector<image::Program> &programs) {
  proto::Image image;
  if (Error error = addHead(mapping, target, programs, image))
    return std::move(error);
  for (const image::CoreTables &tables : mapping.cores) {
    auto core = image::pack(tables, target);
    if (!core)
      return core.takeError();
    *image.add_core() = std::move(*core);
  }
  addTail(network, mapping, image);
  return std::move(image);
}

Expected<Mapping> mapToFile(const Network &network,
                            const target::TargetModel &target,
                            const std::vector<image::Program> &programs,
                            const MapOptions &options,
                            const std::string &path) {
  FileSink sink(target, programs, path);
  auto mapping = map(network, target, options, sink);
  if (!mapping)
    return mapping;
  if (Error error = sink.finish(network, *mapping))
    return std::move(error);
  return mapping;
}

} // namespace hillock::mapping
