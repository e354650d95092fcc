//===- benchmarks/int4/PlainC.cpp - hillock-plain-c -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   hillock-plain-c NETWORK.mlirbc FOLDER
//
// Writes what somebody would write who has the same integer network and no
// compiler for it: plain.c, loops over bytes, a weight a byte, with all sizes
// known to the C compiler, zero points folded into biases and padding copied
// beforehand; and samples.h, random codes and what the plain evaluation of
// compiler/ann makes of them. cortex-m.sh counts the instructions of both.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "compiler/ann/IntNetwork.h"
#include "compiler/ann/ir/Convert.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <random>

namespace hillock::bench {

namespace {

using ann::IntLayer;
using ann::Kind;

/// Bodies of the layers; images are (H, W, C).
const char *const functions = R"(#include <stdint.h>
#include <string.h>
#define INLINE static inline __attribute__((always_inline))
INLINE int8_t code(int32_t sum, int32_t m, int s, int zero, int low, int high) {
  int64_t x = (((int64_t)sum * m + ((int64_t)1 << (s - 1))) >> s) + zero;
  return (int8_t)(x < low ? low : x > high ? high : x);
}
INLINE void pad(const int8_t *in, int8_t *to, int h, int w, int c, int top,
                int left, int bottom, int right, int zero) {
  memset(to, zero, (size_t)((h + top + bottom) * (w + left + right) * c));
  for (int y = 0; y < h; ++y)
    memcpy(to + ((y + top) * (w + left + right) + left) * c, in + y * w * c,
           (size_t)(w * c));
}
INLINE int32_t dot(const int8_t *a, const int8_t *b, int n, int32_t sum) {
  for (int i = 0; i < n; ++i)
    sum += a[i] * b[i];
  return sum;
}
INLINE void conv(const int8_t *in, int row, int c, int8_t *out, int h, int w,
                 int n, int ky, int kx, int sy, int sx, const int8_t *weights,
                 const int32_t *bias, const int32_t *m, const int8_t *s,
                 int zero, int low, int high) {
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int o = 0; o < n; ++o) {
        int32_t sum = bias[o];
        for (int k = 0; k < ky; ++k)
          sum = dot(in + ((y * sy + k) * row + x * sx) * c,
                    weights + (o * ky + k) * kx * c, kx * c, sum);
        *out++ = code(sum, m[o], s[o], zero, low, high);
      }
}
INLINE void depthwise(const int8_t *in, int row, int8_t *out, int h, int w,
                      int n, int ky, int kx, int sy, int sx,
                      const int8_t *weights, const int32_t *bias,
                      const int32_t *m, const int8_t *s, int zero, int low,
                      int high) {
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int o = 0; o < n; ++o) {
        int32_t sum = bias[o];
        for (int k = 0; k < ky; ++k)
          for (int i = 0; i < kx; ++i)
            sum += in[((y * sy + k) * row + x * sx + i) * n + o] *
                   weights[(o * ky + k) * kx + i];
        *out++ = code(sum, m[o], s[o], zero, low, high);
      }
}
INLINE void dense(const int8_t *in, int c, int n, const int8_t *weights,
                  const int32_t *bias, const int32_t *m, const int8_t *s,
                  int zero, int low, int high, int8_t *out) {
  for (int o = 0; o < n; ++o)
    out[o] = code(dot(in, weights + o * c, c, bias[o]), m[o], s[o], zero, low,
                  high);
}
INLINE void last(const int8_t *in, int c, int n, const int8_t *weights,
                 const int32_t *bias, const int32_t *m, const int8_t *s,
                 int zero, int low, int high, int32_t *out) {
  for (int o = 0; o < n; ++o) {
    int64_t x = (((int64_t)dot(in, weights + o * c, c, bias[o]) * m[o] +
                  ((int64_t)1 << (s[o] - 1))) >> s[o]) + zero;
    out[o] = (int32_t)(x < low ? low : x > high ? high : x);
  }
}
INLINE void max_pool(const int8_t *in, int row, int c, int8_t *out, int h,
                     int w, int ky, int kx, int sy, int sx) {
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int o = 0; o < c; ++o) {
        int best = -128;
        for (int k = 0; k < ky; ++k)
          for (int i = 0; i < kx; ++i) {
            int cell = in[((y * sy + k) * row + x * sx + i) * c + o];
            best = cell > best ? cell : best;
          }
        *out++ = (int8_t)best;
      }
}
INLINE void average_pool(const int8_t *in, int row, int c, int8_t *out, int h,
                         int w, int ky, int kx, int sy, int sx, int from,
                         int32_t m, int s, int zero, int low, int high) {
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int o = 0; o < c; ++o) {
        int32_t sum = 0;
        for (int k = 0; k < ky; ++k)
          for (int i = 0; i < kx; ++i)
            sum += in[((y * sy + k) * row + x * sx + i) * c + o] - from;
        *out++ = code(sum, m, s, zero, low, high);
      }
}
INLINE void flatten(const int8_t *in, int area, int c, int8_t *out) {
  for (int o = 0; o < c; ++o)
    for (int i = 0; i < area; ++i)
      *out++ = in[i * c + o];
}
)";

struct Extent {
  int64_t channels = 1, height = 1, width = 1;
  explicit Extent(const ann::Shape &shape) : channels(shape[0]) {
    if (shape.size() == 3) {
      height = shape[1];
      width = shape[2];
    }
  }
  int64_t size() const { return channels * height * width; }
};

class Writer {
public:
  explicit Writer(const ann::IntNetwork &network)
      : network(network), tables(text), calls(body) {}

  Expected<std::string> write() {
    tables << functions;
    for (size_t v = 0; v < network.values.size(); ++v)
      if (static_cast<int>(v) != network.output)
        tables << "static int8_t v" << v << '['
               << Extent(network.values[v].shape).size() << "];\n";
    const Extent in(network.values[static_cast<size_t>(network.input)].shape);
    calls << "  for (int c = 0; c < " << in.channels << "; ++c)\n"
          << "    for (int i = 0; i < " << in.height * in.width
          << "; ++i)\n      v" << network.input << "[i * " << in.channels
          << " + c] = input[c * " << in.height * in.width << " + i];\n";
    for (size_t i = 0; i < network.layers.size(); ++i)
      if (Error error = layer(network.layers[i], i))
        return std::move(error);
    tables << "void plain_run(const int8_t *input, int32_t *output) {\n"
           << body << "}\n";
    return text;
  }

private:
  template <typename T>
  void array(const char *type, const std::string &name,
             const std::vector<T> &values) {
    tables << "static const " << type << ' ' << name << "[] = {";
    for (const T &value : values)
      tables << static_cast<int64_t>(value) << ',';
    tables << "};\n";
  }

  /// (O, KY, KX, C) less zero points; the input's is folded into the bias.
  void addWeights(const IntLayer &l, const std::string &n) {
    const int64_t outputs = network.out(l).shape[0];
    const auto filter = static_cast<int64_t>(l.weights.size()) / outputs;
    const int64_t taps = l.window.kernel[0] * l.window.kernel[1];
    const int64_t channels = filter / taps;
    std::vector<int32_t> weights(l.weights.size()), bias, m, s;
    for (int64_t o = 0; o < outputs; ++o) {
      const auto at = static_cast<size_t>(o);
      int64_t sum = 0;
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t t = 0; t < taps; ++t) {
          const int32_t w =
              ann::factorOf(
                  l.format.code,
                  l.weights[static_cast<size_t>(o * filter + c * taps + t)]) -
              (l.zeros.empty() ? 0 : l.zeros[at]);
          weights[static_cast<size_t>(o * filter + t * channels + c)] = w;
          sum += w;
        }
      bias.push_back(
          static_cast<int32_t>(l.bias[at] - network.in(l).q.zero * sum));
      m.push_back(l.multipliers[at].mantissa);
      s.push_back(l.multipliers[at].shift);
    }
    array("int8_t", "w" + n, weights);
    array("int32_t", "b" + n, bias);
    array("int32_t", "m" + n, m);
    array("int8_t", "s" + n, s);
  }

  Error layer(const IntLayer &l, size_t index) {
    const std::string n = std::to_string(index);
    const Extent in(network.in(l).shape), out(network.out(l).shape);
    const ann::Window &w = l.window;
    const bool last = l.output == network.output;
    const std::string to = last ? "output" : "v" + std::to_string(l.output);
    std::string from = "v" + std::to_string(l.inputs[0]);
    if (l.hasWeights())
      addWeights(l, n);
    const std::string range = std::to_string(network.out(l).q.zero) + ", " +
                              std::to_string(l.low) + ", " +
                              std::to_string(l.high);
    const std::string operands =
        "w" + n + ", b" + n + ", m" + n + ", s" + n + ", " + range;
    if (l.kind == Kind::Linear) {
      calls << "  " << (last ? "last(" : "dense(") << from << ", "
            << in.channels << ", " << out.channels << ", " << operands << ", "
            << to << ");\n";
      return Error::success();
    }
    if (last)
      return inputError("ends in no linear layer", network.name);
    if (l.kind == Kind::Reshape) {
      calls << "  flatten(" << from << ", " << in.height * in.width << ", "
            << in.channels << ", " << to << ");\n";
      return Error::success();
    }
    const bool pads = w.begin[0] + w.begin[1] + w.end[0] + w.end[1] != 0;
    const int64_t row = in.width + w.begin[1] + w.end[1];
    if (pads) {
      tables << "static int8_t p" << n << '['
             << (in.height + w.begin[0] + w.end[0]) * row * in.channels
             << "];\n";
      calls << "  pad(" << from << ", p" << n << ", " << in.height << ", "
            << in.width << ", " << in.channels << ", " << w.begin[0] << ", "
            << w.begin[1] << ", " << w.end[0] << ", " << w.end[1] << ", "
            << (l.kind == Kind::MaxPool ? -128 : network.in(l).q.zero)
            << ");\n";
      from = "p" + n;
    }
    const std::string window = to + ", " + std::to_string(out.height) + ", " +
                               std::to_string(out.width) + ", ";
    const std::string steps =
        std::to_string(w.kernel[0]) + ", " + std::to_string(w.kernel[1]) +
        ", " + std::to_string(w.stride[0]) + ", " + std::to_string(w.stride[1]);
    const std::string outputs = std::to_string(out.channels) + ", ";
    const std::string begin = from + ", " + std::to_string(row) + ", ";
    const std::string channels = std::to_string(in.channels) + ", ";
    if (l.kind == Kind::Conv && l.groups == 1)
      calls << "  conv(" << begin << channels << window << outputs << steps
            << ", " << operands << ");\n";
    else if (l.kind == Kind::Conv && l.groups == in.channels &&
             in.channels == out.channels)
      calls << "  depthwise(" << begin << window << outputs << steps << ", "
            << operands << ");\n";
    else if (l.kind == Kind::MaxPool)
      calls << "  max_pool(" << begin << channels << window << steps << ");\n";
    else if (l.kind == Kind::AveragePool && l.multipliers.size() == 1 && !pads)
      calls << "  average_pool(" << begin << channels << window << steps << ", "
            << network.in(l).q.zero << ", " << l.multipliers[0].mantissa << ", "
            << l.multipliers[0].shift << ", " << range << ");\n";
    else
      return inputError("no plain C for this kind of layer",
                        network.name + ": layer '" + l.name + "'");
    return Error::success();
  }

  const ann::IntNetwork &network;
  std::string text, body;
  llvm::raw_string_ostream tables, calls;
};

std::string samplesOf(const ann::IntNetwork &network) {
  constexpr int count = 4;
  const ann::IntValue &in = network.values[static_cast<size_t>(network.input)];
  std::mt19937 random(1);
  ann::IntRunner runner(network);
  std::string inputs, outputs;
  for (int i = 0; i < count; ++i) {
    std::vector<int32_t> codes(
        static_cast<size_t>(ann::countElements(in.shape).value_or(0)));
    for (int32_t &code : codes) {
      code = in.q.low +
             static_cast<int32_t>(
                 random() % static_cast<uint32_t>(in.q.high - in.q.low + 1));
      inputs += std::to_string(code) + ",";
    }
    for (const int32_t code : runner.runCodes(codes))
      outputs += std::to_string(code) + ",";
  }
  return "enum { count = " + std::to_string(count) +
         " };\nstatic const signed char samples[] = {" + inputs +
         "};\nstatic const int wanted[] = {" + outputs + "};\n";
}

Expected<ann::IntNetwork> readNetwork(const std::string &path) {
  mlir::DialectRegistry registry;
  registry.insert<ann::AnnDialect>();
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(path, mlir::ParserConfig(&context));
  ann::NetworkOp op = module ? ann::findNetwork(*module) : nullptr;
  if (!op)
    return inputError("holds no ann.network", path);
  return ann::readInteger(op);
}

Error run(const std::string &path, const std::string &folder) {
  Expected<ann::IntNetwork> network = readNetwork(path);
  if (!network)
    return network.takeError();
  Expected<std::string> code = Writer(*network).write();
  if (!code)
    return code.takeError();
  if (Error error = writeFile(folder + "/plain.c", *code))
    return error;
  return writeFile(folder + "/samples.h", samplesOf(*network));
}

} // namespace

} // namespace hillock::bench

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: hillock-plain-c NETWORK.mlirbc FOLDER\n";
    return 2;
  }
  if (hillock::Error error = hillock::bench::run(argv[1], argv[2])) {
    llvm::errs() << "hillock-plain-c: " << hillock::takeText(std::move(error))
                 << "\n";
    return 1;
  }
  return 0;
}
