//===- base/Error.cpp -----------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace hillock {

char Failure::ID = 0;

std::string Failure::text() const {
  std::string result = where.empty() ? what : where + ": " + what;
  if (!remedy.empty())
    result += "; " + remedy;
  return result;
}

void Failure::log(llvm::raw_ostream &os) const { os << text(); }

std::error_code Failure::convertToErrorCode() const {
  return llvm::inconvertibleErrorCode();
}

Error makeError(ErrorKind kind, std::string what, std::string where,
                std::string remedy) {
  return llvm::make_error<Failure>(kind, std::move(what), std::move(where),
                                   std::move(remedy));
}

std::string takeText(Error error, ErrorKind *kind) {
  std::string text;
  bool first = true;
  llvm::handleAllErrors(
      std::move(error),
      [&](const Failure &failure) {
        if (kind && first)
          *kind = failure.kind;
        text += (first ? "" : "\n") + failure.text();
        first = false;
      },
      [&](const llvm::ErrorInfoBase &other) {
        if (kind && first)
          *kind = ErrorKind::Internal;
        text += (first ? "" : "\n") + other.message();
        first = false;
      });
  return text;
}

} // namespace hillock
