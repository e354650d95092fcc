//===- compiler/frontend/onnx/Tensors.h - Decoding tensors ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_ONNX_TENSORS_H
#define HILLOCK_COMPILER_FRONTEND_ONNX_TENSORS_H

#include "base/Error.h"
#include "compiler/frontend/onnx/Model.h"
#include "onnx/onnx.pb.h"

namespace hillock::onnx {

/// "float32", "int4"; "type 17" for what is not known.
std::string typeName(DataType type);

/// \p folder as in parseModel(); \p where names the file.
Expected<Tensor> decodeTensor(const ::onnx::TensorProto &proto,
                              const std::string &folder,
                              const std::string &where);

} // namespace hillock::onnx

#endif // HILLOCK_COMPILER_FRONTEND_ONNX_TENSORS_H
