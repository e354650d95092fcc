//===- target/TargetCheck.h - What a description must obey ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TARGET_TARGETCHECK_H
#define HILLOCK_TARGET_TARGETCHECK_H

#include "base/Error.h"
#include "proto/target.pb.h"

namespace hillock::target {

/// All problems of a description at once, each an Input error of its own; the
/// place begins with \p where (a path, "target 'loihi'", ...).
Error check(const proto::Target &target, const std::string &where);

/// The fields that the packer needs in a memory of this role. Other fields are
/// free: neuron programs find their parameters in them by name.
std::vector<std::string> requiredFields(proto::Role role);

} // namespace hillock::target

#endif // HILLOCK_TARGET_TARGETCHECK_H
