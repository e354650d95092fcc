//===- backends/image/FromImage.cpp - Image to neurocore ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/image/Emit.h"
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"

using namespace mlir;
using namespace hillock::neurocore;

namespace hillock::backends {

namespace {

class Importer {
public:
  Importer(MLIRContext *context, const image::LoadedImage &image)
      : context(context), image(image), builder(context),
        loc(UnknownLoc::get(context)) {}

  Expected<OwningOpRef<ModuleOp>> run(std::string target);

private:
  void addCores();
  Error addInput(const proto::Port &port);
  void addOutput(const proto::Port &port);
  void addPopulation(const proto::Population &population);

  template <typename T, typename List>
  ElementsAttr list(const List &values, StringRef name) {
    return listOf(context, std::vector<T>(values.begin(), values.end()), name);
  }
  std::vector<int64_t>
  shapeOf(const google::protobuf::RepeatedField<uint32_t> &shape) {
    return {shape.begin(), shape.end()};
  }
  /// Chip and core of entries of Image.core.
  struct Places {
    ElementsAttr chip, core;
  };
  Places places(const google::protobuf::RepeatedField<uint32_t> &indices) {
    std::vector<uint32_t> chips, cores;
    for (uint32_t index : indices) {
      chips.push_back(image.cores[index].chip);
      cores.push_back(image.cores[index].core);
    }
    return {listOf(context, chips, "chip"), listOf(context, cores, "core")};
  }

  MLIRContext *context;
  const image::LoadedImage &image;
  OpBuilder builder;
  Location loc;
};

Expected<OwningOpRef<ModuleOp>> Importer::run(std::string target) {
  const proto::Debug &debug = image.proto.debug();
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
  builder.setInsertionPointToStart(module->getBody());
  auto system = SystemOp::create(
      builder, loc, debug.network().empty() ? "image" : debug.network(),
      target.empty() ? image.target.name() : target,
      llvm::APFloat(image.proto.io().dt_seconds()),
      debug.has_notes_json() ? builder.getStringAttr(debug.notes_json())
                             : StringAttr());
  builder.setInsertionPointToStart(&system.getBody().emplaceBlock());
  addCores();
  for (const proto::Port &port : image.proto.io().input())
    if (Error error = addInput(port))
      return std::move(error);
  for (const proto::Port &port : image.proto.io().output())
    addOutput(port);
  for (const proto::Population &population : debug.population())
    addPopulation(population);
  return std::move(module);
}

void Importer::addCores() {
  OpBuilder::InsertionGuard guard(builder);
  ChipOp chip;
  for (const image::CoreTables &tables : image.cores) {
    if (!chip || chip.getId() != tables.chip) {
      if (chip)
        builder.setInsertionPointAfter(chip);
      chip = ChipOp::create(builder, loc, tables.chip);
      builder.setInsertionPointToStart(&chip.getBody().emplaceBlock());
    }
    buildCore(builder, loc, tables, image.programs[tables.program].name);
  }
}

Error Importer::addInput(const proto::Port &port) {
  if (port.direct())
    return inputError("goes straight into accumulators, which neurocore has "
                      "no form for",
                      "input '" + port.name() + "'");
  Places at = places(port.core());
  // Entries without an atom mean atom 0.
  std::vector<uint16_t> atoms(port.atom().begin(), port.atom().end());
  atoms.resize(static_cast<size_t>(port.index_size()));
  neurocore::InputOp::create(builder, loc, port.name(), shapeOf(port.shape()),
                             list<uint32_t>(port.first(), "first"), at.chip,
                             at.core, list<uint16_t>(port.index(), "axon"),
                             listOf(context, atoms, "atom"));
  return Error::success();
}

void Importer::addOutput(const proto::Port &port) {
  Places at = places(port.core());
  OutputOp::create(
      builder, loc, port.name(), shapeOf(port.shape()), at.chip, at.core,
      list<uint16_t>(port.index(), "compartment"), port.lag(),
      port.state().empty() ? StringAttr() : builder.getStringAttr(port.state()),
      llvm::APFloat(port.scale()));
}

void Importer::addPopulation(const proto::Population &population) {
  Places at = places(population.core());
  PopulationOp::create(
      builder, loc, builder.getStringAttr(population.name()),
      builder.getDenseI64ArrayAttr(shapeOf(population.shape())),
      builder.getStringAttr(population.kind()), at.chip, at.core,
      list<uint16_t>(population.compartment(), "compartment"),
      builder.getI64IntegerAttr(population.lag()),
      builder.getF64FloatAttr(population.scale()),
      builder.getF64FloatAttr(population.weight_error()),
      builder.getI64IntegerAttr(static_cast<int64_t>(population.synapses())),
      builder.getI64IntegerAttr(population.weight_bits()),
      population.has_location() ? builder.getStringAttr(population.location())
                                : StringAttr(),
      population.is_input() ? builder.getUnitAttr() : UnitAttr());
}

} // namespace

Expected<OwningOpRef<ModuleOp>> fromImage(MLIRContext *context,
                                          const image::LoadedImage &image,
                                          std::string target) {
  context->loadDialect<NeuroCoreDialect>();
  return Importer(context, image).run(std::move(target));
}

} // namespace hillock::backends
