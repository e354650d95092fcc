//===- compiler/frontend/onnx/Reader.h - Reading .onnx files ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_ONNX_READER_H
#define HILLOCK_COMPILER_FRONTEND_ONNX_READER_H

#include "base/Error.h"
#include "compiler/frontend/onnx/Model.h"
#include <string_view>

namespace hillock::onnx {

/// Decodes a file's bytes. \p folder holds tensors that lie beside the file;
/// empty: such tensors are an error. What is allocated is bounded by the bytes
/// that are there. Errors name \p name and the tensor or node.
Expected<Model> parseModel(std::string_view bytes, const std::string &name,
                           const std::string &folder = {});

Expected<Model> readModel(const std::string &path);

} // namespace hillock::onnx

#endif // HILLOCK_COMPILER_FRONTEND_ONNX_READER_H
