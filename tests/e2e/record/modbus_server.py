#!/usr/bin/env python3
"""modbus_server.py ADDRESS PORT: a device with a hundred coils and registers."""
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartTcpServer

store = ModbusSlaveContext(**{kind: ModbusSequentialDataBlock(0, [1] * 100) for kind in ("di", "co", "hr", "ir")})
identity = ModbusDeviceIdentification()
identity.VendorName = "Example"
StartTcpServer(context=ModbusServerContext(slaves=store, single=True), identity=identity, address=(sys.argv[1], int(sys.argv[2])))
