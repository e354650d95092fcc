//===- tests/unit/dialects/crossbar/ProgramsTest.cpp - Neurons of ODIN ----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library's programs against the emulated chips' neurons, which are
// compared with traces of the RTL: random words and events, every field.
//
//===----------------------------------------------------------------------===//
#include "backends/odin/OdinConfig.h"
#include "dialects/neuron/Library.h"
#include "dialects/neuron/ModelRun.h"
#include "emulator/odin/Neuron.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <random>

using namespace hillock;
using emu::odin::NeuronInput;

namespace {

struct Case {
  odin::NeuronKind kind;
  int lowest; ///< weight
};

class OdinPrograms : public testing::TestWithParam<Case> {
protected:
  OdinPrograms() : model(load()), run(*model) {}

  /// Of the library, or of the folder of those that are too large for it.
  mlir::OwningOpRef<neuron::ModelOp> load() {
    const llvm::StringRef name = odin::kindName(GetParam().kind);
    if (GetParam().kind != odin::NeuronKind::Izhikevich)
      return neuron::library::parse(&context, name);
    context.loadDialect<neuron::NeuronDialect, mlir::arith::ArithDialect>();
    module = mlir::parseSourceFile<mlir::ModuleOp>(
        HILLOCK_WIDE_PROGRAMS "/" + name.str() + ".mlir", &context);
    return (*module->getOps<neuron::ModelOp>().begin()).clone();
  }

  odin::Word128 randomWord() {
    odin::Word128 word{random(), random()};
    if (GetParam().kind == odin::NeuronKind::Tiny)
      word = {word.lo & 0xFFFFFFFF, 0};
    word.set(0, 1,
             GetParam().kind == odin::NeuronKind::Lif          ? 1
             : GetParam().kind == odin::NeuronKind::Izhikevich ? 0
                                                               : word.lo & 1);
    return word;
  }
  /// Reads the fields that the program names; flags come from \p up, \p down.
  std::vector<int32_t> fieldsOf(const odin::Word128 &word,
                                const std::vector<std::string> &names, bool up,
                                bool down) {
    std::vector<int32_t> values;
    for (const std::string &name : names) {
      const odin::Field *field = odin::findField(GetParam().kind, name);
      if (field)
        values.push_back(odin::getField(word, *field));
      else
        values.push_back(name == "up" ? up : down);
    }
    return values;
  }

  std::mt19937_64 random{20191};
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::OwningOpRef<neuron::ModelOp> model;
  neuron::ModelRun run;
};

TEST_P(OdinPrograms, AreTheChipsNeurons) {
  const bool tiny = GetParam().kind == odin::NeuronKind::Tiny;
  uint64_t spikes = 0;
  for (int i = 0; i < 40000; ++i) {
    odin::Word128 word = randomWord();
    std::vector<int32_t> state = fieldsOf(word, run.stateNames(), false, false);
    const std::vector<int32_t> params =
        fieldsOf(word, run.paramNames(), false, false);
    // A run of events on one neuron, so that states are also reached ones.
    for (int event = 0; event < 8; ++event) {
      const bool leak = random() % 3 == 0;
      const int weight =
          leak ? 0
               : GetParam().lowest +
                     static_cast<int>(random() % (8 - GetParam().lowest));
      NeuronInput input;
      input.kind = leak ? NeuronInput::Kind::Leak : NeuronInput::Kind::Synaptic;
      bool spike = false, up = false, down = false;
      if (tiny) {
        const auto update = emu::odin::updateTiny(
            static_cast<uint32_t>(word.lo), input.kind, weight);
        word = {update.word, 0};
        spike = update.spike;
      } else {
        input.weight = static_cast<int8_t>(std::abs(weight));
        input.inhibitory = weight < 0;
        const auto update = emu::odin::updateOdin(word, input);
        word = update.word;
        spike = update.spike;
        up = update.up;
        down = update.down;
      }
      bool fired = false;
      int32_t payload = 0;
      run.step({weight, leak ? 1 : 0}, params, state, fired, payload);
      spikes += spike;
      ASSERT_EQ(fired, spike) << "case " << i << ", event " << event;
      ASSERT_EQ(state, fieldsOf(word, run.stateNames(), up, down))
          << "case " << i << ", event " << event;
    }
  }
  EXPECT_GT(spikes, 4000u);
}

TEST_P(OdinPrograms, NameEveryFieldOfTheWord) {
  const std::vector<std::string> &states = run.stateNames();
  const std::vector<std::string> &params = run.paramNames();
  for (const odin::Field &field : odin::neuronFields(GetParam().kind)) {
    const std::string name = field.name;
    // isi_ref is the scheduler's.
    if (name == "model" || name == "disable" || name == "isi_ref")
      continue;
    const auto &list = field.isState ? states : params;
    EXPECT_NE(std::find(list.begin(), list.end(), name), list.end()) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, OdinPrograms,
    testing::Values(Case{odin::NeuronKind::Tiny, -8},
                    Case{odin::NeuronKind::Lif, -7},
                    Case{odin::NeuronKind::Izhikevich, -7}),
    [](const auto &info) { return odin::kindName(info.param.kind).str(); });

} // namespace
