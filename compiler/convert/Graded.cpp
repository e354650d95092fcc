//===- compiler/convert/Graded.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/convert/Convert.h"
#include "compiler/convert/Writer.h"

using namespace mlir;
using hillock::ann::IntLayer;

namespace hillock::convert {

namespace {

/// A delay of a synapse has 6 bits, and two slots of the ring are taken
/// (Davies et al., 2018; the graded target has the same).
constexpr int64_t mostCells = 62;

class GradedWriter final : public Writer {
  using Writer::Writer;

  Error neurons(const IntLayer &layer, Value sums, int align,
                int64_t lag) override;
  Error maxPool(const IntLayer &layer) override;
};

Error GradedWriter::neurons(const IntLayer &layer, Value sums, int align,
                            int64_t lag) {
  auto registers = registersOf(net, layer, align, isRead(layer));
  if (!registers)
    return registers.takeError();
  const ann::Shape &shape = net.out(layer).shape;
  Neurons neurons{"graded_quantize",
                  {number("step", lag), number("weight_exp", -align),
                   column("bias", registers->bias, shape),
                   column("mult", registers->mult, shape),
                   column("left", registers->left, shape),
                   column("right", registers->right, shape)},
                  lag};
  if (registers->wide) {
    neurons.program = "graded_readout";
  } else {
    neurons.registers.push_back(number("low", registers->low));
    neurons.registers.push_back(number("high", registers->high));
  }
  population(layer, sums, neurons);
  return Error::success();
}

/// The cells of a window come one a step: cell k is delayed by k steps.
Error GradedWriter::maxPool(const IntLayer &layer) {
  const ann::IntValue &in = net.in(layer), &out = net.out(layer);
  const int64_t cells = layer.window.kernel[0] * layer.window.kernel[1];
  if (cells > mostCells)
    return wrong(layer,
                 "takes the largest of " + std::to_string(cells) +
                     " cells, which come one a step; synapses delay by at "
                     "most " +
                     std::to_string(mostCells) + " steps",
                 "use several smaller pools");
  std::vector<std::vector<int32_t>> from(static_cast<size_t>(cells)),
      to(static_cast<size_t>(cells));
  std::vector<int64_t> seen(
      static_cast<size_t>(ann::countElements(out.shape).value_or(0)));
  visitPool(net, layer, [&](int64_t cell, int64_t target, int64_t place) {
    from[static_cast<size_t>(place)].push_back(static_cast<int32_t>(cell));
    to[static_cast<size_t>(place)].push_back(static_cast<int32_t>(target));
    ++seen[static_cast<size_t>(target)];
  });
  if (in.q.low < in.q.zero &&
      llvm::any_of(seen, [&](int64_t count) { return count != cells; }))
    return wrong(layer,
                 "takes the largest of values of both signs in windows that "
                 "reach beyond the input, where nothing would count as 0",
                 "put a Relu before the pool, or leave its padding out");
  const int64_t first = sent(layer.inputs[0]).lag + 1;
  std::vector<Value> sums;
  for (size_t k = 0; k < from.size(); ++k)
    if (!from[k].empty())
      sums.push_back(
          oneToOne(delayed(layer.inputs[0], static_cast<int64_t>(k) + 1),
                   from[k], to[k], out.shape));
  const int64_t lag = first + cells - 1;
  population(layer, sum(std::move(sums), out.shape),
             {"graded_max",
              {number("first", first), number("step", lag),
               number("weight_exp", -relayShift)},
              lag});
  return Error::success();
}

} // namespace

Expected<snn::NetworkOp> toGraded(const ann::IntNetwork &network,
                                  ModuleOp module, const std::string &where) {
  return GradedWriter(network, module).run(where);
}

} // namespace hillock::convert
