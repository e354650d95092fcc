// Every message of the attribute, the containers and the memories of a core.
// RUN: hillock-opt %s --split-input-file --verify-diagnostics > /dev/null

// The attribute.

// expected-error@+1 {{weights have 1 to 8 bits, not 9}}
module attributes {neurocore.f = #neurocore.format<bits = 9, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0, tag_bits = 0>} {}

// -----

// expected-error@+1 {{exponent 8 is outside -8..7}}
module attributes {neurocore.f = #neurocore.format<bits = 8, exponent = 8, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0, tag_bits = 0>} {}

// -----

// expected-error@+1 {{an index has 0 to 16 bits, not 17}}
module attributes {neurocore.f = #neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 17, delay_bits = 0, tag_bits = 0>} {}

// -----

// expected-error@+1 {{a delay has 0 to 8 bits, not 9}}
module attributes {neurocore.f = #neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 9, tag_bits = 0>} {}

// -----

// expected-error@+1 {{a tag has 0 to 8 bits, not -1}}
module attributes {neurocore.f = #neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0, tag_bits = -1>} {}

// -----

// Containers.

// expected-error@+1 {{dt must be positive}}
neurocore.system @s target "loihi" dt 0.0 {

}

// -----

// expected-error@+1 {{no target 'loihy'}}
neurocore.system @s target "loihy" dt 1.0e-3 {

}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  // expected-error@+1 {{'builtin.module' op may not stand in neurocore.system}}
  builtin.module {}
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 0
  // expected-error@+1 {{has the name of another: 'y'}}
  neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 0
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  // expected-error@+1 {{has id 768; target 'loihi' has at most 768 chips}}
  neurocore.chip 768 {}
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 1 {}
  // expected-error@+1 {{has the id of another: 1}}
  neurocore.chip 1 {}
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  // expected-error@+1 {{id is -1}}
  neurocore.chip -1 {}
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{may not stand in neurocore.chip}}
  builtin.module {}
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{id is -1}}
  neurocore.core -1 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{has id 128; a chip of 'loihi' has 128 cores}}
  neurocore.core 128 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  // expected-error@+1 {{has the id of another: 0}}
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{config: field 'a' is not an integer}}
  neurocore.core 0 program "lif" config {a = "b"} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{has no neurocore.compartments}}
  neurocore.core 0 program "lif" config {} {}
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{is the second of its core; there is one at most}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{may not stand in neurocore.core}}
  builtin.module {}
  }
  }
}

// -----

// Memories.

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{count is -1}}
  neurocore.compartments -1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{profile_of is a 'tensor<1xi16>', expected a list of i8}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi16> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{profile_of has 1 elements, expected 2}}
  neurocore.compartments 2 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{profiles: field 'a' is not an integer}}
  neurocore.compartments 1 profiles [{a}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{profile_of[0] is 1, but there are 1 profiles}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<1> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{threshold_of[0] is 2, but there are 1 thresholds}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<2> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{'b' is not a list}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {b = 1} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{'v' is a 'tensor<1xi8>', expected a list of i32}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {v = dense<1> : tensor<1xi8>}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{threshold_of is neither a literal nor a resource}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of sparse<0, 0> : tensor<1xi8> fields {} initial {}
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  // expected-error@+1 {{profile_of: resource 'p' has 2 bytes of data, expected 1}}
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense_resource<p> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
}
{-# dialect_resources: { builtin: { p: "0x010000000101" } } #-}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{first must rise from 0 to 1, the number of synapses}}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 2]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{first has 1 elements, expected 2}}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<0> : tensor<1xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{mantissas has 2 elements, expected 1}}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<2xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{row 0 has format 1, but there are 1}}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<1> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{types[0] is 3; 0 is discrete, 1 pop16, 2 pop32}}
  neurocore.axon_in types dense<3> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{axon 0 has 2 rows; a discrete axon has one}}
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<2> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{axon 0 has 0 rows; it needs at least one}}
  neurocore.axon_in types dense<1> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<0> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{first must rise from 0 to 1, the number of output slots}}
  neurocore.axon_out first dense<[1, 1]> : tensor<2xi32> types dense<0> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  // expected-error@+1 {{types[0] is 4}}
  neurocore.axon_out first dense<[0, 1]> : tensor<2xi32> types dense<4> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  }
  }
}
