enum AddressesTestsPlaceholder {}
