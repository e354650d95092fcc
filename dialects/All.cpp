//===- dialects/All.cpp - Every dialect that was built --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/All.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#ifdef HILLOCK_HAS_CROSSBAR
#include "dialects/crossbar/Crossbar.h"
#endif
#ifdef HILLOCK_HAS_ANN
#include "dialects/ann/Ann.h"
#endif
#ifdef HILLOCK_HAS_NEURON
#include "dialects/neuron/Neuron.h"
#endif
#ifdef HILLOCK_HAS_SNN
#include "dialects/snn/Snn.h"
#endif
#ifdef HILLOCK_HAS_NEUROCORE
#include "dialects/neurocore/NeuroCore.h"
#endif

void hillock::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::arith::ArithDialect, mlir::quant::QuantDialect>();
#ifdef HILLOCK_HAS_ANN
  registry.insert<ann::AnnDialect>();
#endif
#ifdef HILLOCK_HAS_NEURON
  registry.insert<neuron::NeuronDialect>();
#endif
#ifdef HILLOCK_HAS_SNN
  registry.insert<snn::SnnDialect>();
#endif
#ifdef HILLOCK_HAS_NEUROCORE
  registry.insert<neurocore::NeuroCoreDialect>();
#endif
#ifdef HILLOCK_HAS_CROSSBAR
  registry.insert<crossbar::CrossbarDialect>();
#endif
}
