//===- base/Error.h - Errors that users read --------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One error type for everything below the MLIR diagnostics. An error says what
// is wrong, where (file, node, layer, core), and what the user can do. Its kind
// decides the exit code of the program.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_ERROR_H
#define HILLOCK_BASE_ERROR_H

#include "llvm/Support/Error.h"
#include <string>

namespace hillock {

// The one alias behind which llvm::Expected is kept, so that a runtime for an
// edge board can one day be built without libLLVM.
template <typename T> using Expected = llvm::Expected<T>;
using Error = llvm::Error;

/// Whose mistake it is; the values are the exit codes (docs/exit-codes.md).
enum class ErrorKind : int {
  Input = 1,     ///< A file or a value that the user gave is wrong.
  Usage = 2,     ///< The command line is wrong.
  Mismatch = 3,  ///< Two things that were compared differ.
  Capacity = 4,  ///< The network does not fit on the target.
  Internal = 70, ///< Our bug; please report it.
};

class Failure : public llvm::ErrorInfo<Failure> {
public:
  static char ID;
  Failure(ErrorKind kind, std::string what, std::string where,
          std::string remedy)
      : kind(kind), what(std::move(what)), where(std::move(where)),
        remedy(std::move(remedy)) {}

  /// "where: what; remedy" with the empty parts left out.
  std::string text() const;
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;

  ErrorKind kind;
  std::string what, where, remedy;
};

/// \p where names the place from the outside in ("model.nir: node 'lif1',
/// field 'tau'"); \p remedy is an imperative ("give --dt").
Error makeError(ErrorKind kind, std::string what, std::string where = {},
                std::string remedy = {});

/// Shorthand for the most frequent kind.
inline Error inputError(std::string what, std::string where = {},
                        std::string remedy = {}) {
  return makeError(ErrorKind::Input, std::move(what), std::move(where),
                   std::move(remedy));
}

/// Consumes \p error; returns its text and stores the kind of its first
/// failure in \p kind when that is not null (Internal for foreign errors).
std::string takeText(Error error, ErrorKind *kind = nullptr);

} // namespace hillock

#endif // HILLOCK_BASE_ERROR_H
