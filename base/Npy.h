//===- base/Npy.h - numpy's array files -------------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// .npy versions 1 to 3: bool, integers of 1, 2, 4, 8 bytes, floats of 2, 4, 8
// bytes, either byte order, C or Fortran order. .npz archives stored or
// deflated. Arrays come out in C order and in the byte order of the host.
//
// The readers trust nothing that a file says about itself: what is allocated
// is bounded by what the file can back. Errors name the file, the offset or
// member, and what was found.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_NPY_H
#define HILLOCK_BASE_NPY_H

#include "base/NdArray.h"
#include <map>
#include <string>
#include <string_view>

namespace hillock {

/// By name, without the members' ".npy".
using NpzArrays = std::map<std::string, NdArray>;

/// Parse bytes at hand; \p name is for messages.
Expected<NdArray> parseNpy(std::string_view bytes, const std::string &name);
Expected<NpzArrays> parseNpz(std::string_view bytes, const std::string &name);

Expected<NdArray> readNpy(const std::string &path);
Expected<NpzArrays> readNpz(const std::string &path);

/// The bytes of a version 1.0 file, as numpy itself writes it.
std::string npyBytes(const NdArray &array);

Error writeNpy(const std::string &path, const NdArray &array);
/// Stored, in name order; equal arrays give equal bytes.
Error writeNpz(const std::string &path, const NpzArrays &arrays);

/// True when \p bytes begin like the format.
bool looksLikeNpy(std::string_view bytes);
bool looksLikeZip(std::string_view bytes);

} // namespace hillock

#endif // HILLOCK_BASE_NPY_H
