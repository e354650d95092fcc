//===- dialects/neurocore/Neurocore.h - The other spelling ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_FORWARD_H
#define HILLOCK_DIALECTS_NEUROCORE_FORWARD_H

#include "dialects/neurocore/NeuroCore.h"

#endif // HILLOCK_DIALECTS_NEUROCORE_FORWARD_H
