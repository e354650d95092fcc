//===- compiler/convert/Writer.h - Layers as populations --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What both codes have in common: inputs, sums of synapses, outputs. A code
// says what the neurons of a layer are (weighted(), maxPool()).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_CONVERT_WRITER_H
#define HILLOCK_COMPILER_CONVERT_WRITER_H

#include "compiler/convert/Registers.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace hillock::convert {

/// A value of the network: who sends it, and so many steps behind the input.
/// The order of neurons is the same in any shape.
struct Sent {
  mlir::Value value;
  int64_t lag = 0;
  ann::Shape shape;
};

class Writer {
public:
  Writer(const ann::IntNetwork &net, mlir::ModuleOp module)
      : net(net), module(module), builder(module.getContext()) {}
  virtual ~Writer() = default;

  Expected<snn::NetworkOp> run(const std::string &where);

protected:
  /// The neurons of a layer that sums and requantizes, with \p sums at their
  /// input. \p align: how far mantissas are shifted left.
  virtual Error neurons(const ann::IntLayer &layer, mlir::Value sums, int align,
                        int64_t lag) = 0;
  virtual Error maxPool(const ann::IntLayer &layer) = 0;

  /// What runs in a population.
  struct Neurons {
    const char *program = "";
    llvm::SmallVector<mlir::NamedAttribute> registers;
    int64_t lag = 0;
    bool binary = false;       ///< its spikes carry no value
    const char *readout = "v"; ///< what the network's output shows of it
    mlir::DictionaryAttr initial = {};
    ann::Shape shape = {};   ///< empty: that of the layer's output
    const char *suffix = ""; ///< of its name
  };
  /// From now on it is what sends the layer's output.
  void population(const ann::IntLayer &layer, mlir::Value sums,
                  const Neurons &neurons);
  bool isRead(const ann::IntLayer &layer) const {
    return layer.output == readValue;
  }
  Sent &sent(int value) { return values[static_cast<size_t>(value)]; }
  mlir::Value delayed(int value, int64_t steps);
  /// Synapses from[i] -> to[i] with weights 1 (mantissas 2^relayShift).
  mlir::Value oneToOne(mlir::Value source, llvm::ArrayRef<int32_t> from,
                       llvm::ArrayRef<int32_t> to,
                       llvm::ArrayRef<int64_t> shape);
  mlir::Value sparse(mlir::Value source, llvm::ArrayRef<int32_t> from,
                     llvm::ArrayRef<int32_t> to, std::vector<int16_t> mantissas,
                     snn::FormatAttr format, llvm::ArrayRef<int64_t> shape);
  mlir::Value sum(std::vector<mlir::Value> parts,
                  llvm::ArrayRef<int64_t> shape);
  snn::FormatAttr format(unsigned bits, snn::Sign sign);
  /// One integer when all are equal, a tensor otherwise.
  mlir::NamedAttribute column(const char *name,
                              const std::vector<int32_t> &list,
                              llvm::ArrayRef<int64_t> shape);
  mlir::NamedAttribute number(const char *name, int64_t value);
  static Error wrong(const ann::IntLayer &layer, const std::string &what,
                     const std::string &remedy = {});

  const ann::IntNetwork &net;
  mlir::ModuleOp module;
  mlir::OpBuilder builder;
  mlir::Location loc = mlir::UnknownLoc::get(module.getContext());

private:
  Error input();
  Error output();
  Error layer(const ann::IntLayer &layer);
  Error weighted(const ann::IntLayer &layer);
  Error average(const ann::IntLayer &layer);
  Error relay(const ann::IntLayer &layer);
  mlir::Type current(llvm::ArrayRef<int64_t> shape);
  mlir::Value reshaped(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::ElementsAttr weights(llvm::ArrayRef<int64_t> shape,
                             std::vector<int16_t> mantissas);

  snn::NetworkOp result;
  std::vector<Sent> values;
  int readValue = -1; ///< what the output shows, shape aside
  unsigned resources = 0;
};

} // namespace hillock::convert

#endif // HILLOCK_COMPILER_CONVERT_WRITER_H
