//===- compiler/convert/Rate.cpp - Values as numbers of spikes ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/convert/Convert.h"
#include "compiler/convert/Writer.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using hillock::ann::IntLayer;

namespace hillock::convert {

namespace {

/// Bits of a mask in a field of eight bits, sign included.
constexpr int64_t mostCells = 7;
constexpr int maskShift = 1;
/// Where membranes and sums over time end (rate_if, rate_readout).
constexpr int64_t mostSum = (int64_t{1} << 30) - 1;
/// The largest threshold: half of that.
constexpr double mostThreshold = 1 << 29;

class RateWriter final : public Writer {
public:
  RateWriter(const ann::IntNetwork &net, ModuleOp module,
             std::vector<std::string> &remarks)
      : Writer(net, module), remarks(remarks) {}

private:
  Error neurons(const IntLayer &layer, Value sums, int align,
                int64_t lag) override;
  Error maxPool(const IntLayer &layer) override;
  /// Windows along one axis of what the layer's output is so far.
  void poolAxis(const IntLayer &layer, unsigned axis);
  /// What a spike of a value stands for: its largest payload; the input sends
  /// payloads themselves.
  int32_t gainOf(int value) {
    const ann::Quantization &q = net.values[static_cast<size_t>(value)].q;
    return isInput(value) ? 1 : q.high - q.zero;
  }
  /// Whether the input sends it, in whatever shape.
  bool isInput(int value) {
    return sent(value).value.getDefiningOp<snn::InputOp>() != nullptr;
  }
  Error spiking(const IntLayer &layer, Value sums, Registers registers,
                std::vector<int32_t> gain, int64_t lag);
  Error readout(const IntLayer &layer, Value sums, const Registers &registers,
                const std::vector<int32_t> &gain, int64_t lag);

  std::vector<std::string> &remarks;
};

Error RateWriter::neurons(const IntLayer &layer, Value sums, int align,
                          int64_t lag) {
  auto registers = registersOf(net, layer, align, isRead(layer));
  if (!registers)
    return registers.takeError();
  std::vector<int32_t> gain(registers->bias.size(), gainOf(layer.inputs[0]));
  if (layer.kind == ann::Kind::Concat)
    visitRelay(net, layer, [&](size_t part, int64_t, int64_t target) {
      gain[static_cast<size_t>(target)] = gainOf(layer.inputs[part]);
    });
  return isRead(layer) ? readout(layer, sums, *registers, gain, lag)
                       : spiking(layer, sums, std::move(*registers),
                                 std::move(gain), lag);
}

Error RateWriter::spiking(const IntLayer &layer, Value sums,
                          Registers registers, std::vector<int32_t> gain,
                          int64_t lag) {
  const ann::IntValue &out = net.out(layer);
  if (registers.low < 0)
    return wrong(layer, "can be negative, and no neuron spikes less than never",
                 "put a Relu behind it, or use --code graded");
  std::vector<int32_t> threshold, start;
  for (size_t n = 0; n < registers.mult.size(); ++n) {
    double wanted = mostThreshold;
    if (registers.mult[n] == 0) {
      // Every sum becomes 0: it never spikes.
      registers.bias[n] = gain[n] = 0;
    } else {
      const double ratio = std::ldexp(
          registers.mult[n], registers.left[n] - registers.right[n] - 31);
      wanted = (out.q.high - out.q.zero) / ratio;
    }
    if (wanted < 1 || wanted > mostThreshold)
      return wrong(layer,
                   "needs a threshold of " + std::to_string(wanted) +
                       " in neuron " + std::to_string(n) +
                       "; neurons have 1 to " +
                       withSeparators(int64_t{1} << 29),
                   "use --code graded");
    threshold.push_back(static_cast<int32_t>(std::lround(wanted)));
    start.push_back(threshold.back() / 2);
  }
  Neurons neurons{"rate_if",
                  {number("first", lag), number("weight_exp", -registers.align),
                   column("gain", gain, out.shape),
                   column("bias", registers.bias, out.shape),
                   column("mult", threshold, out.shape)},
                  lag,
                  /*binary=*/true};
  neurons.initial = builder.getDictionaryAttr({column("v", start, out.shape)});
  population(layer, sums, neurons);
  return Error::success();
}

Error RateWriter::readout(const IntLayer &layer, Value sums,
                          const Registers &registers,
                          const std::vector<int32_t> &gain, int64_t lag) {
  // Ratios to each other are what matters; all get the same power of two, so
  // that the largest is below one.
  const int32_t left =
      *std::max_element(registers.left.begin(), registers.left.end());
  std::vector<int32_t> right;
  for (size_t n = 0; n < registers.mult.size(); ++n) {
    const int32_t own = registers.right[n] - registers.left[n] + left;
    if (own > 31)
      return wrong(layer,
                   "has scales that are too different: beside the largest, "
                   "neuron " +
                       std::to_string(n) + " needs a shift of " +
                       std::to_string(own) + ", and neurons have 1 to 31",
                   "calibrate with --per-tensor, or use --code graded");
    right.push_back(own);
  }
  remarks.push_back(
      "layer '" + layer.name +
      "': what it sums over time is exact in runs of up to " +
      withSeparators(mostSum / std::max<int64_t>(registers.largest, 1)) +
      " steps, whatever the input; beyond, sums stop at " +
      withSeparators(mostSum));
  const ann::Shape &shape = net.out(layer).shape;
  population(
      layer, sums,
      {"rate_readout",
       {number("first", lag), number("weight_exp", -registers.align),
        column("gain", gain, shape), column("bias", registers.bias, shape),
        column("mult", registers.mult, shape), column("right", right, shape)},
       lag,
       true,
       "value"});
  return Error::success();
}

/// The largest of a window is the largest of its rows' largest.
Error RateWriter::maxPool(const IntLayer &layer) {
  for (const int64_t size : layer.window.kernel)
    if (size > mostCells)
      return wrong(layer,
                   "takes the largest of " + std::to_string(size) +
                       " cells in a row; a sum has room for the spikes of " +
                       std::to_string(mostCells),
                   "use several smaller pools, or --code graded");
  if (isRead(layer) || isInput(layer.inputs[0]))
    return wrong(layer, "is at an end of the network, where there are no rates",
                 "use --code graded");
  sent(layer.output) = sent(layer.inputs[0]);
  poolAxis(layer, 1);
  poolAxis(layer, 0);
  return Error::success();
}

void RateWriter::poolAxis(const IntLayer &layer, unsigned axis) {
  const ann::Window &window = layer.window;
  const ann::Shape shape = sent(layer.output).shape;
  ann::Shape next = shape;
  next[axis + 1] = net.out(layer).shape[axis + 1];
  std::vector<int32_t> from, to;
  std::vector<int16_t> mantissas;
  int64_t target = 0;
  for (int64_t c = 0; c < next[0]; ++c)
    for (int64_t y = 0; y < next[1]; ++y)
      for (int64_t x = 0; x < next[2]; ++x, ++target)
        for (int64_t k = 0; k < window.kernel[axis]; ++k) {
          int64_t at[2] = {y, x};
          at[axis] = at[axis] * window.stride[axis] +
                     k * window.dilation[axis] - window.begin[axis];
          if (at[axis] < 0 || at[axis] >= shape[axis + 1])
            continue;
          from.push_back(
              static_cast<int32_t>((c * shape[1] + at[0]) * shape[2] + at[1]));
          to.push_back(static_cast<int32_t>(target));
          mantissas.push_back(static_cast<int16_t>(1 << (k + maskShift)));
        }
  const int64_t lag = sent(layer.output).lag + 1;
  Value sums = sparse(delayed(layer.output, 1), from, to, std::move(mantissas),
                      format(8, snn::Sign::Mixed), next);
  Neurons neurons{"rate_max", {number("weight_exp", -maskShift)}, lag, true};
  neurons.shape = next;
  neurons.suffix = axis == 1 ? "_rows" : "";
  population(layer, sums, neurons);
}

} // namespace

Expected<snn::NetworkOp> toRate(const ann::IntNetwork &network, ModuleOp module,
                                const std::string &where,
                                std::vector<std::string> &remarks) {
  return RateWriter(network, module, remarks).run(where);
}

} // namespace hillock::convert
