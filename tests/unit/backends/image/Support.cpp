//===- tests/unit/backends/image/Support.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/backends/image/Support.h"
#include "base/Random.h"
#include "dialects/All.h"
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace hillock::neurocore;

namespace hillock::test {

std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  auto context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

OwningOpRef<ModuleOp> parse(const std::string &text, MLIRContext &context) {
  return parseSourceString<ModuleOp>(text, &context);
}

namespace {

class SystemFrame : public Frame {
public:
  explicit SystemFrame(const Signals &inputs) : inputs(inputs) {}

  int64_t step() const override { return now; }
  const Signal &get(Value) override { return empty; }
  void set(Value, Signal) override {}
  Expected<Signal> input(Operation *op) override {
    auto port = cast<neurocore::InputOp>(op);
    auto found = inputs.find(port.getName().str());
    if (found != inputs.end() && size_t(now) < found->second.size())
      return found->second[size_t(now)];
    return Signal(numbers<uint32_t>(port.getFirst()).size() - 1);
  }
  void record(Operation *op, const Signal &signal) override {
    std::string name;
    if (auto output = dyn_cast<OutputOp>(op))
      name = "output " + output.getName().str();
    else if (auto population = dyn_cast<PopulationOp>(op))
      name = "population " + population.getName().str();
    else
      name = "probe " + cast<ProbeOp>(op).getId().str();
    recorded[name].push_back(signal);
  }
  Expected<ProgramRunner *> program(Operation *op, StringRef name) override {
    return programs.find(op, name);
  }

  int64_t now = 0;
  Signals recorded;

private:
  const Signals &inputs;
  reference::Programs programs;
  Signal empty;
};

} // namespace

Signals runSystem(SystemOp system, const Signals &inputs, int64_t steps) {
  SystemFrame frame(inputs);
  for (frame.now = 0; frame.now < steps; ++frame.now)
    if (Error error = system.evaluate(frame)) {
      ADD_FAILURE() << takeText(std::move(error));
      break;
    }
  return std::move(frame.recorded);
}

OwningOpRef<ModuleOp> systemOf(const std::vector<image::CoreTables> &cores,
                               MLIRContext &context,
                               const std::string &target) {
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
  builder.setInsertionPointToStart(module->getBody());
  auto system = SystemOp::create(builder, loc, "s", target, llvm::APFloat(1e-3),
                                 StringAttr());
  builder.setInsertionPointToStart(&system.getBody().emplaceBlock());
  auto chip = ChipOp::create(builder, loc, cores.front().chip);
  for (size_t k = 0; k < cores.size(); ++k) {
    const image::CoreTables &tables = cores[k];
    auto n = static_cast<int64_t>(tables.compartments);
    if (n == 0)
      continue;
    std::vector<uint16_t> compartments(tables.compartments);
    for (uint16_t c = 0; c < n; ++c)
      compartments[c] = c;
    builder.setInsertionPointToEnd(&system.getBody().front());
    PopulationOp::create(
        builder, loc, "layer" + std::to_string(k), ArrayRef<int64_t>{n}, "lif",
        listOf(&context, std::vector<uint32_t>(n, tables.chip), "chip"),
        listOf(&context, std::vector<uint32_t>(n, tables.core), "core"),
        listOf(&context, compartments, "compartment"), 0, llvm::APFloat(1.0),
        llvm::APFloat(0.0), 0, 0, StringAttr(), false);
  }
  Block &body = chip.getBody().emplaceBlock();
  builder.setInsertionPointToStart(&body);
  for (const image::CoreTables &tables : cores)
    buildCore(builder, loc, tables, "loihi1_compartment");
  return module;
}

SystemOp systemIn(ModuleOp module) {
  return *module.getOps<SystemOp>().begin();
}

std::string diagnosticsOf(Operation *op) {
  std::string text;
  ScopedDiagnosticHandler handler(op->getContext(), [&](Diagnostic &diag) {
    text += diag.str() + "\n";
    return success();
  });
  (void)verify(op);
  return text;
}

image::CoreTables simpleCore(uint32_t core, uint32_t compartments,
                             uint32_t axons, uint32_t fanout, uint8_t bits) {
  image::CoreTables tables;
  tables.core = core;
  tables.compartments = compartments;
  tables.compartmentProfiles = {{{"decay_u", 4095}, {"refract_delay", 1}}};
  tables.thresholdProfiles = {{{"vth", 100}}};
  tables.profileOf.assign(compartments, 0);
  tables.thresholdOf.assign(compartments, 0);
  tables.outFirst.assign(compartments + 1, 0);
  image::SynapseFormat format;
  format.weightBits = bits;
  tables.formats = {format};
  CounterRandom random(1);
  const int step = 1 << format.shiftBits();
  for (uint32_t a = 0; a < axons; ++a) {
    for (uint32_t s = 0; s < fanout; ++s) {
      tables.rows.target.push_back(static_cast<uint16_t>(s));
      tables.rows.mantissa.push_back(static_cast<int16_t>(
          format.minMantissa() +
          step * static_cast<int>(random.below(1u << bits))));
    }
    tables.rows.first.push_back(
        static_cast<uint32_t>(tables.rows.target.size()));
    tables.rows.format.push_back(0);
    tables.axonsIn.push_back({image::AxonType::Discrete, a, 1, 0});
  }
  return tables;
}

} // namespace hillock::test
