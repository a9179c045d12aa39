#!/usr/bin/env python3
"""modbus_client.py ADDRESS PORT: every function that the server knows, and an address that it does not have."""
import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.mei_message import ReadDeviceInformationRequest

client = ModbusTcpClient(sys.argv[1], port=int(sys.argv[2]))
client.connect()
client.read_coils(1, 10, slave=1)
client.read_discrete_inputs(1, 3, slave=1)
client.read_holding_registers(1, 4, slave=1)
client.read_input_registers(1, 4, slave=1)
client.write_coil(2, True, slave=1)
client.write_register(2, 77, slave=1)
client.write_coils(3, [True, False, True], slave=1)
client.write_registers(3, [1, 2, 3], slave=1)
client.mask_write_register(2, 0xFF, 1, slave=1)
client.readwrite_registers(read_address=1, read_count=2, write_address=5, write_registers=[9], slave=1)
client.execute(ReadDeviceInformationRequest(slave=1))
client.read_holding_registers(200, 4, slave=1)
client.close()
