//===- compiler/ann/ir/Read.cpp - Ops to plain structures -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/ir/Convert.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace hillock::ann {

namespace {

std::string nameOf(Operation *op) {
  auto name = op->getAttrOfType<StringAttr>("name");
  return name ? name.getValue().str() : op->getName().getStringRef().str();
}

Error wrong(Operation *op, const std::string &what) {
  return inputError(what, "'" + nameOf(op) + "' (" +
                              op->getName().getStringRef().str() + ")");
}

std::optional<Kind> kindOf(Operation &op) {
  const StringRef name = op.getName().stripDialect();
  for (int k = 0; k <= static_cast<int>(Kind::ArgMax); ++k)
    if (name == kindName(static_cast<Kind>(k)))
      return static_cast<Kind>(k);
  return std::nullopt;
}

Quantization quantOf(Type element) {
  Quantization q;
  if (auto type = dyn_cast<quant::UniformQuantizedType>(element)) {
    q.scale = type.getScale();
    q.zero = static_cast<int32_t>(type.getZeroPoint());
    q.low = static_cast<int32_t>(type.getStorageTypeMin());
    q.high = static_cast<int32_t>(type.getStorageTypeMax());
  } else if (auto integer = dyn_cast<IntegerType>(element)) {
    const unsigned bits = integer.getWidth();
    q.low = bits >= 32 ? std::numeric_limits<int32_t>::min()
                       : -(int32_t(1) << (bits - 1));
    q.high = bits >= 32 ? std::numeric_limits<int32_t>::max()
                        : (int32_t(1) << (bits - 1)) - 1;
  }
  return q;
}

int64_t number(Operation *op, StringRef name, int64_t fallback) {
  auto attr = op->getAttrOfType<IntegerAttr>(name);
  return attr ? attr.getInt() : fallback;
}

std::vector<int32_t> numbers(Operation *op, StringRef name) {
  auto attr = op->getAttrOfType<DenseI32ArrayAttr>(name);
  return attr ? std::vector<int32_t>(attr.asArrayRef())
              : std::vector<int32_t>();
}

/// Attributes that layers of all levels have.
template <typename L> Error readCommon(Operation &op, L &layer) {
  layer.name = nameOf(&op);
  const auto fill = [&](StringRef name, size_t from, auto &to) {
    auto attr = op.getAttrOfType<DenseI64ArrayAttr>(name);
    if (!attr || attr.size() < static_cast<int64_t>(from + to.size()))
      return false;
    for (size_t i = 0; i < to.size(); ++i)
      to[i] = attr[static_cast<int64_t>(from + i)];
    return true;
  };
  if (isa<ConvOp, MaxPoolOp, AveragePoolOp>(op)) {
    Window &w = layer.window;
    if (!fill("kernel", 0, w.kernel) || !fill("strides", 0, w.stride) ||
        !fill("dilations", 0, w.dilation) || !fill("pads", 0, w.begin) ||
        !fill("pads", 2, w.end) || !fill("pads", 4, w.extra))
      return wrong(&op, "its window is incomplete");
  }
  layer.groups = number(&op, "groups", 1);
  layer.axis = number(&op, "axis", 0);
  if (auto include = op.getAttrOfType<BoolAttr>("include_pad"))
    layer.includePad = include.getValue();
  if (auto order = op.getAttrOfType<DenseI64ArrayAttr>("permutation"))
    layer.permutation = order.asArrayRef();
  return Error::success();
}

/// Numbers the values of a network while its ops are read in order.
template <typename Net> class Reader {
public:
  explicit Reader(NetworkOp op) : op(op) { net.name = op.getSymName().str(); }

  /// \p visit(op, layer) reads what the level adds to a layer.
  template <typename L, typename Visit> Error read(const Visit &visit) {
    for (Operation &one : op.getBody().front()) {
      if (auto input = dyn_cast<InputOp>(one)) {
        net.input = add(input.getResult(), input.getName().str());
      } else if (auto quantize = dyn_cast<QuantizeOp>(one)) {
        if (!isa_and_nonnull<InputOp>(quantize.getInput().getDefiningOp()))
          return wrong(&one, "quantizes what is not the input");
        // Below the real level the input is its codes.
        net.values.pop_back();
        net.input =
            add(quantize.getResult(),
                quantize.getInput().getDefiningOp<InputOp>().getName().str());
      } else if (auto output = dyn_cast<OutputOp>(one)) {
        net.output = indexOf(output.getValue());
      } else {
        L layer;
        const std::optional<Kind> kind = kindOf(one);
        if (!kind)
          return wrong(&one, "is no layer");
        layer.kind = *kind;
        if (Error error = readCommon(one, layer))
          return error;
        for (mlir::Value operand : one.getOperands())
          layer.inputs.push_back(indexOf(operand));
        layer.output = add(one.getResult(0), layer.name);
        if (Error error = visit(one, layer))
          return error;
        net.layers.push_back(std::move(layer));
      }
    }
    return Error::success();
  }

  int add(mlir::Value value, std::string name) {
    auto type = cast<RankedTensorType>(value.getType());
    net.values.emplace_back();
    net.values.back().name = std::move(name);
    net.values.back().shape = type.getShape();
    index[value] = static_cast<int>(net.values.size()) - 1;
    elements.resize(net.values.size());
    elements.back() = type.getElementType();
    return index[value];
  }
  int indexOf(mlir::Value value) const {
    const auto found = index.find(value);
    return found == index.end() ? -1 : found->second;
  }

  NetworkOp op;
  Net net;
  llvm::DenseMap<mlir::Value, int> index;
  std::vector<Type> elements;
};

Expected<std::vector<double>> elementsAt(Operation &op, StringRef name) {
  auto attr = op.getAttrOfType<ElementsAttr>(name);
  if (!attr)
    return std::vector<double>();
  auto values = ann::elementsOf(attr);
  if (!values)
    return wrong(&op, "its " + name.str() + " cannot be read");
  return std::move(*values);
}

Error readClamp(Operation &op, Layer &layer) {
  if (auto low = op.getAttrOfType<FloatAttr>("clamp_low"))
    layer.low = static_cast<float>(low.getValueAsDouble());
  if (auto high = op.getAttrOfType<FloatAttr>("clamp_high"))
    layer.high = static_cast<float>(high.getValueAsDouble());
  return Error::success();
}

Error readBias(Operation &op, std::vector<double> &bias) {
  Expected<std::vector<double>> values = elementsAt(op, "bias");
  if (!values)
    return values.takeError();
  bias = std::move(*values);
  return Error::success();
}

Expected<std::vector<int8_t>> readCodes(Operation &op) {
  Expected<std::vector<double>> values = elementsAt(op, "weights");
  if (!values)
    return values.takeError();
  std::vector<int8_t> codes;
  for (const double value : *values) {
    if (!(value >= -128 && value <= 127))
      return wrong(&op, "has a weight that is no code");
    codes.push_back(static_cast<int8_t>(value));
  }
  return std::move(codes);
}

Error readWeightType(Operation &op, QuantWeights &weights) {
  auto attr = op.getAttrOfType<TypeAttr>("weight_type");
  Type type = attr ? attr.getValue() : Type();
  if (auto log = dyn_cast_or_null<LogType>(type)) {
    weights.format.code = log.getBase() == 2 ? Code::Log2 : Code::Log4;
    weights.scales = log.scaleValues();
  } else if (auto one = dyn_cast_or_null<quant::UniformQuantizedType>(type)) {
    weights.format.bits = one.getStorageTypeIntegralWidth();
    weights.scales = {one.getScale()};
    if (one.getZeroPoint())
      weights.zeros = {static_cast<int32_t>(one.getZeroPoint())};
  } else if (auto axis =
                 dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(type)) {
    weights.format.bits = axis.getStorageTypeIntegralWidth();
    weights.scales = axis.getScales();
    weights.zeros.assign(axis.getZeroPoints().begin(),
                         axis.getZeroPoints().end());
  } else {
    return wrong(&op, "has no weight type");
  }
  weights.format.perChannel = weights.scales.size() > 1;
  weights.format.affine =
      llvm::any_of(weights.zeros, [](int32_t zero) { return zero != 0; });
  if (!weights.format.affine)
    weights.zeros.clear();
  return Error::success();
}

} // namespace

NetworkOp findNetwork(ModuleOp module) {
  for (auto op : module.getBody()->getOps<NetworkOp>())
    return op;
  return nullptr;
}

Expected<Network> readReal(NetworkOp op) {
  if (op.getLevel() != Level::Real)
    return wrong(op, "is not of the real level");
  Reader<Network> reader(op);
  Error error = reader.read<Layer>([&](Operation &one, Layer &layer) -> Error {
    if (Error bad = readClamp(one, layer))
      return bad;
    Expected<std::vector<double>> weights = elementsAt(one, "weights");
    if (!weights)
      return weights.takeError();
    layer.weights.assign(weights->begin(), weights->end());
    return readBias(one, layer.bias);
  });
  if (error)
    return std::move(error);
  if (Error bad = check(reader.net, op.getSymName().str()))
    return std::move(bad);
  return std::move(reader.net);
}

Expected<QuantizedNetwork> readQuantized(NetworkOp op) {
  if (op.getLevel() != Level::Quantized)
    return wrong(op, "is not of the quantized level");
  Reader<Network> reader(op);
  QuantizedNetwork result;
  Error error = reader.read<Layer>([&](Operation &one, Layer &layer) -> Error {
    if (Error bad = readClamp(one, layer))
      return bad;
    result.plan.weights.emplace_back();
    if (!layer.hasWeights())
      return Error::success();
    QuantWeights weights;
    if (Error bad = readWeightType(one, weights))
      return bad;
    Expected<std::vector<int8_t>> codes = readCodes(one);
    if (!codes)
      return codes.takeError();
    weights.codes = std::move(*codes);
    if (Error bad = readBias(one, weights.bias))
      return bad;
    // The shapes are inferred from the number of weights.
    layer.weights.resize(weights.codes.size());
    layer.bias = weights.bias;
    if (reader.net.out(layer).shape.empty())
      return wrong(&one, "has a result without axes");
    const auto channels = static_cast<size_t>(reader.net.outputChannels(layer));
    if ((weights.scales.size() != 1 && weights.scales.size() != channels) ||
        (!weights.zeros.empty() && weights.zeros.size() != channels &&
         weights.zeros.size() != 1))
      return wrong(&one, "its weight type is not that of its channels");
    if (weights.zeros.size() == 1)
      weights.zeros.resize(channels, weights.zeros[0]);
    if (weights.bias.empty())
      weights.bias.resize(channels, 0);
    result.plan.weights.back() = std::move(weights);
    return Error::success();
  });
  if (error)
    return std::move(error);
  if (Error bad = check(reader.net, op.getSymName().str()))
    return std::move(bad);
  for (Type type : reader.elements)
    result.plan.values.push_back(quantOf(type));
  result.network = std::move(reader.net);
  return std::move(result);
}

/// The plain form of the integer level's shapes, to be checked like any other.
static Network skeleton(const IntNetwork &net) {
  Network result;
  result.input = net.input;
  result.output = net.output;
  for (const IntValue &value : net.values)
    result.values.push_back({value.name, value.shape, std::nullopt});
  for (const IntLayer &layer : net.layers) {
    Layer plain;
    plain.kind = layer.kind;
    plain.name = layer.name;
    plain.inputs = layer.inputs;
    plain.output = layer.output;
    plain.window = layer.window;
    plain.groups = layer.groups;
    plain.weights.resize(layer.weights.size());
    plain.bias.resize(layer.bias.size());
    plain.permutation = layer.permutation;
    plain.axis = layer.axis;
    result.layers.push_back(std::move(plain));
  }
  return result;
}

static Error readIntLayer(Operation &op, IntLayer &layer) {
  std::vector<int32_t> multipliers = numbers(&op, "multipliers");
  std::vector<int32_t> shifts = numbers(&op, "shifts");
  const Quantization whole = quantOf(
      cast<RankedTensorType>(op.getResult(0).getType()).getElementType());
  layer.low = static_cast<int32_t>(number(&op, "low", whole.low));
  layer.high = static_cast<int32_t>(number(&op, "high", whole.high));
  if (layer.kind == Kind::Add) {
    if (multipliers.size() != 2 || shifts.size() != 1 || shifts[0] < 1 ||
        shifts[0] > 30 || multipliers[0] < 0 || multipliers[1] < 0 ||
        std::max(multipliers[0], multipliers[1]) >= 1 << 20)
      return wrong(&op, "needs two multipliers below 2^20 and one shift");
    layer.pair = {multipliers[0], multipliers[1], shifts[0]};
  } else {
    if (multipliers.size() != shifts.size())
      return wrong(&op, "has as many multipliers as shifts");
    for (size_t i = 0; i < shifts.size(); ++i)
      layer.multipliers.push_back({multipliers[i], shifts[i]});
  }
  if (!layer.hasWeights())
    return Error::success();
  auto format = op.getAttrOfType<StringAttr>("weight_format");
  Expected<WeightFormat> parsed =
      parseWeightFormat(format ? format.getValue().str() : "none");
  if (!parsed)
    return parsed.takeError();
  layer.format = *parsed;
  layer.zeros = numbers(&op, "weight_zeros");
  layer.format.affine = !layer.zeros.empty();
  Expected<std::vector<int8_t>> codes = readCodes(op);
  if (!codes)
    return codes.takeError();
  layer.weights = std::move(*codes);
  std::vector<double> bias;
  if (Error bad = readBias(op, bias))
    return bad;
  layer.bias.assign(bias.begin(), bias.end());
  return Error::success();
}

Expected<IntNetwork> readInteger(NetworkOp op) {
  if (op.getLevel() != Level::Integer)
    return wrong(op, "is not of the integer level");
  Reader<IntNetwork> reader(op);
  Error error =
      reader.read<IntLayer>([&](Operation &one, IntLayer &layer) -> Error {
        return readIntLayer(one, layer);
      });
  if (error)
    return std::move(error);
  IntNetwork &net = reader.net;
  const std::string where = op.getSymName().str();
  if (Error bad = check(skeleton(net), where))
    return std::move(bad);
  for (size_t v = 0; v < net.values.size(); ++v)
    net.values[v].q = quantOf(reader.elements[v]);
  for (auto quantize : op.getBody().front().getOps<QuantizeOp>()) {
    Quantization &q = net.values[static_cast<size_t>(net.input)].q;
    q.scale = quantize.getScale() ? quantize.getScale()->convertToDouble() : 0;
    q.zero = quantize.getResultZero().value_or(0);
    if (!(q.scale > 0) || std::isinf(q.scale))
      return wrong(quantize, "needs a positive scale");
  }
  for (Operation &one : op.getBody().front())
    if (one.getNumResults() && kindOf(one))
      net.values[static_cast<size_t>(reader.indexOf(one.getResult(0)))].q.zero =
          static_cast<int32_t>(number(&one, "result_zero", 0));
  // Only the scale of the output is known; what moves codes shares it, as it
  // does that of the input.
  double outputScale = 1;
  for (auto output : op.getBody().front().getOps<OutputOp>())
    if (output.getScale())
      outputScale = output.getScale()->convertToDouble();
  const std::vector<int> sets = sharedQuantizations(skeleton(net));
  for (size_t v = 0; v < net.values.size(); ++v) {
    if (sets[v] == sets[static_cast<size_t>(net.output)])
      net.values[v].q.scale = outputScale;
    if (sets[v] == sets[static_cast<size_t>(net.input)])
      net.values[v].q.scale =
          net.values[static_cast<size_t>(net.input)].q.scale;
  }
  if (Error bad = check(net, where))
    return std::move(bad);
  return std::move(net);
}

} // namespace hillock::ann
