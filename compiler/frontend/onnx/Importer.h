//===- compiler/frontend/onnx/Importer.h - State of an import ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_ONNX_IMPORTER_H
#define HILLOCK_COMPILER_FRONTEND_ONNX_IMPORTER_H

#include "compiler/frontend/onnx/Import.h"
#include <map>
#include <memory>
#include <variant>

namespace hillock::onnx {

using ann::Shape;

/// A tensor that is known when the network is compiled.
struct Constant {
  DataType type = DataType::Float;
  Shape shape;
  std::vector<double> values;
  /// Set by DequantizeLinear: where the values are from. One scale, or one for
  /// each index of axis.
  struct Codes {
    std::vector<int8_t> codes;
    std::vector<double> scales;
    std::vector<int32_t> zeros;
    int64_t axis = 0;
    unsigned bits = 8;
  };
  std::optional<Codes> codes;

  int64_t size() const { return static_cast<int64_t>(values.size()); }
};
using ConstantPtr = std::shared_ptr<const Constant>;

/// A value of the network under the shape that ONNX sees, batch and all.
struct Ref {
  int value = -1;
  Shape shape;
  /// After QuantizeLinear: codes, which DequantizeLinear takes back.
  std::optional<ann::Quantization> codes;
};

using Operand = std::variant<ConstantPtr, Ref>;

class Importer {
public:
  Importer(const Model &model, std::string where)
      : model(model), where(std::move(where)) {}
  Expected<ann::Network> run();

  using Method = Error (Importer::*)(const Node &);
  struct Row {
    const char *op;
    Method method;
  };
  /// Sorted by name.
  static const std::vector<Row> &table();

private:
  // Importer.cpp
  Error declareInput();
  Error finish();
  Error visit(const Node &node);
  Error fail(const Node &node, const std::string &what,
             const std::string &remedy = {}) const;
  void countReaders();

  // Operands and attributes; the index is that of the node's inputs.
  bool has(const Node &node, size_t index) const;
  Expected<Operand> operand(const Node &node, size_t index);
  Expected<Ref> value(const Node &node, size_t index);
  Expected<ConstantPtr> constant(const Node &node, size_t index);
  Expected<std::vector<int64_t>> integers(const Node &node, size_t index);
  void define(const Node &node, Operand operand);
  int64_t integer(const Node &node, const char *name, int64_t fallback) const;
  double real(const Node &node, const char *name, double fallback) const;
  std::string text(const Node &node, const char *name,
                   const char *fallback) const;
  std::vector<int64_t> list(const Node &node, const char *name) const;
  Expected<int64_t> axisOf(const Node &node, int64_t axis, size_t rank) const;

  // Building
  int addValue(const std::string &name, Shape shape);
  /// The value under another shape of the same elements.
  int reshaped(const Ref &ref, Shape shape);
  Expected<int> addLayer(const Node &node, ann::Layer layer);
  /// The layer whose result nobody else reads, so that what follows may be
  /// fused into it; null: none.
  ann::Layer *fusable(int value);
  /// True when \p layersBehind layers read the value already and the graph has
  /// no further branch from it.
  bool readOnceMore(int value, int layersBehind) const;
  Error affine(const Node &node, const Ref &ref, std::vector<double> scale,
               std::vector<double> shift);
  Error clip(const Node &node, const Ref &ref, double low, double high);
  Error give(const Node &node, const Ref &ref, const ann::Quantization &q);
  Error window(const Node &node, const std::vector<int64_t> &kernel,
               const Ref &input, ann::Layer &layer, Shape &planes);
  Error pads(const Node &node, size_t axes, const Shape &size,
             ann::Window &window, bool ceil);
  Error pool(const Node &node, ann::Kind kind, bool global);
  Error linear(const Node &node, const Ref &input, const Constant &weights,
               bool outputsFirst, double alpha, std::vector<double> bias,
               Shape shape);
  void foldTranspose(ann::Layer &layer);
  Error arithmetic(const Node &node);
  Error withConstant(const Node &node, const Ref &ref, const Constant &other,
                     bool constantFirst);

  // One method an op, in OperatorsX.cpp
  Error conv(const Node &node);
  Error gemm(const Node &node);
  Error matMul(const Node &node);
  Error maxPool(const Node &node);
  Error averagePool(const Node &node);
  Error globalAveragePool(const Node &node);
  Error batchNormalization(const Node &node);
  Error relu(const Node &node);
  Error clipOp(const Node &node);
  Error concat(const Node &node);
  Error softmax(const Node &node);
  Error argMax(const Node &node);
  Error quantizeLinear(const Node &node);
  Error dequantizeLinear(const Node &node);
  Error dequantizeConstant(const Node &node, const Constant &codes);
  Expected<ann::Quantization> quantization(const Node &node);
  // Shapes and constants
  Error reshape(const Node &node);
  Error flatten(const Node &node);
  Error squeeze(const Node &node);
  Error unsqueeze(const Node &node);
  Error transpose(const Node &node);
  Error identity(const Node &node);
  Error constantOp(const Node &node);
  Error shapeOp(const Node &node);
  Error gather(const Node &node);
  Error cast(const Node &node);
  Expected<std::vector<int64_t>> axesOf(const Node &node);
  Error setShape(const Node &node, Shape shape);

  const Model &model;
  const std::string where;
  ann::Network net;
  std::map<std::string, Operand> operands;
  std::map<std::string, int> readers; ///< how many nodes read a name
  std::vector<int> producerOf;        ///< layer that makes a value, or -1
};

/// The elements of \p values, an array of \p shape, in the order of its
/// transposition.
std::vector<double> transposed(const std::vector<double> &values,
                               const Shape &shape,
                               const std::vector<int64_t> &permutation);

} // namespace hillock::onnx

#endif // HILLOCK_COMPILER_FRONTEND_ONNX_IMPORTER_H
