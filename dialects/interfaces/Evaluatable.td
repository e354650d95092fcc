//===- dialects/interfaces/Evaluatable.td - Every op can be run -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_INTERFACES_EVALUATABLE
#define HILLOCK_DIALECTS_INTERFACES_EVALUATABLE

include "mlir/IR/OpBase.td"

def EvaluatableOpInterface : OpInterface<"EvaluatableOpInterface"> {
  let cppNamespace = "::hillock";
  let description = [{
    An op that the reference interpreter can run. The method has no default:
    an op without an evaluation does not build. Evaluations are written to be
    read; they are the definition of the op's meaning and are never optimised
    at the expense of that.
  }];
  let methods = [
    InterfaceMethod<[{
      Computes the op's results for one time step from its operands and its own
      state, through the frame.
    }], "::llvm::Error", "evaluate", (ins "::hillock::Frame &":$frame)>,
  ];
}

#endif // HILLOCK_DIALECTS_INTERFACES_EVALUATABLE
