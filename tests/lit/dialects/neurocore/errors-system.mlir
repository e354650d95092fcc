// Every message of ops that cross cores.
// RUN: hillock-opt %s --split-input-file --verify-diagnostics > /dev/null

// What the packer says, with the layers that it does not know.

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{core 0 of chip 0, which holds 'a', memory 'core_config': unknown field 'ds_ofset'; did you mean 'ds_offset'?}}
  neurocore.core 0 program "lif" config {ds_ofset = 1} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  neurocore.population "a" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> 
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  // expected-error@+1 {{core 0 of chip 0, synapse row 0: no axon uses the row}}
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  }
  }
}

// -----

// Hosts and people.

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{an axis of the shape has size 0}}
  neurocore.output "y" shape [0] chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 0
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{chip has 1 elements, expected 2}}
  neurocore.output "y" shape [2] chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 0
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{lag is a number of steps, not -1}}
  neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag -1
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{neuron 0 sits on core 1 of chip 0, which the system does not have}}
  neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32> core dense<1> : tensor<1xi32> compartment dense<0> : tensor<1xi16> lag 0
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{neuron 0 sits in compartment 1 of core 0 of chip 0, which has 1}}
  neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<1> : tensor<1xi16> lag 0
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{lag, synapses and bits must not be negative}}
  neurocore.population "a" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> {bits = -1 : i64}
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{chip has 1 elements, expected 0}}
  neurocore.population "a" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> {is_input}
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{neuron 0 sits on core 0 of chip 5, which the system does not have}}
  neurocore.population "a" shape [1] kind "lif" chip dense<5> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> 
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  neurocore.population "a" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> 
  // expected-error@+1 {{neuron 0 sits in compartment 0 of core 0 of chip 0, where a neuron of 'a' is}}
  neurocore.population "b" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> 
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
  // expected-error@+1 {{first must rise from 0 to 1, the number of destinations}}
  neurocore.input "x" shape [1] first dense<[0, 3]> : tensor<2xi32> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
  // expected-error@+1 {{destination 0 leads to core 3 of chip 0, which the system does not have}}
  neurocore.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32> chip dense<0> : tensor<1xi32> core dense<3> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
  // expected-error@+1 {{destination 0 leads to axon 1 of core 0 of chip 0, which has 1}}
  neurocore.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<1> : tensor<1xi16> atom dense<0> : tensor<1xi16>
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  }
  }
  // expected-error@+1 {{destination 0 leads to atom 1 of axon 0 of core 0 of chip 0, which has 1}}
  neurocore.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<1> : tensor<1xi16>
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  // expected-error@+1 {{slot 0 leads to core 3 of chip 0, which the system does not have}}
  neurocore.axon_out first dense<[0, 1]> : tensor<2xi32> types dense<0> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<3> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  // expected-error@+1 {{slot 0 leads to axon 7 of core 0 of chip 0, which has 1}}
  neurocore.axon_out first dense<[0, 1]> : tensor<2xi32> types dense<0> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<7> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  // expected-error@+1 {{slot 0 leads to atom 1 of axon 0 of core 0 of chip 0, which has 1}}
  neurocore.axon_out first dense<[0, 1]> : tensor<2xi32> types dense<1> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<1> : tensor<1xi16>
  }
  }
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  neurocore.synapses formats [#neurocore.format<bits = 8, exponent = 0, sign = mixed, compression = sparse, index_bits = 6, delay_bits = 0>] first dense<[0, 1]> : tensor<2xi32> format_of dense<0> : tensor<1xi8> targets dense<0> : tensor<1xi16> mantissas dense<2> : tensor<1xi16>
  neurocore.axon_in types dense<0> : tensor<1xi8> first_row dense<0> : tensor<1xi32> pop_rows dense<1> : tensor<1xi16> cx_base dense<0> : tensor<1xi16>
  // expected-error@+1 {{slot 0 has type 1, but axon 0 of core 0 of chip 0 has type 0}}
  neurocore.axon_out first dense<[0, 1]> : tensor<2xi32> types dense<1> : tensor<1xi8> chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
  }
  }
}

// -----

// Routes and probes.

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{from and to are a chip and a core each}}
  neurocore.route from [0] to [0, 5] messages 0 path []
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{messages is -1}}
  neurocore.route from [0, 0] to [0, 5] messages -1 path []
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{path has an x without a y}}
  neurocore.route from [0, 0] to [0, 5] messages 0 path [0]
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{path jumps from tile (0, 0) to (1, 1); tiles have four neighbours}}
  neurocore.route from [0, 0] to [0, 5] messages 0 path [0, 0, 1, 1]
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{path does not lead from the tile of 'from' to the tile of 'to'}}
  neurocore.route from [0, 0] to [0, 5] messages 0 path [0, 0, 1, 0]
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{names core 9 of chip 0, which the system does not have}}
  neurocore.route from [0, 9] to [0, 5] messages 0 path []
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{has 3 messages, but 0 output slots lead this way}}
  neurocore.route from [0, 0] to [0, 5] messages 3 path []
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{needs either a population or a core}}
  neurocore.probe "v" of
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{names a core by its chip and its number}}
  neurocore.probe "v" of core [0]
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  neurocore.core 5 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  // expected-error@+1 {{names core 9 of chip 0, which the system does not have}}
  neurocore.probe "v" of core [0, 9]
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.chip 0 {
  neurocore.core 0 program "lif" config {} {
  neurocore.compartments 1 profiles [{}] thresholds [{}] profile_of dense<0> : tensor<1xi8> threshold_of dense<0> : tensor<1xi8> fields {} initial {}
  }
  }
  neurocore.population "hidden" shape [1] kind "lif" chip dense<0> : tensor<1xi32> core dense<0> : tensor<1xi32> compartment dense<0> : tensor<1xi16> 
  // expected-error@+1 {{there is no population 'hiden'; did you mean 'hidden'?}}
  neurocore.probe "v" of population "hiden"
}

// -----

neurocore.system @s target "loihi" dt 1.0e-3 {
  neurocore.population "x" shape [1] kind "" chip dense<> : tensor<0xi32> core dense<> : tensor<0xi32> compartment dense<> : tensor<0xi16> {is_input}
  // expected-error@+1 {{population 'x' is the host's and has no state}}
  neurocore.probe "v" of population "x"
}

// -----

// Places.

// expected-error@+1 {{expects parent op 'neurocore.system'}}
neurocore.chip 0 {}
