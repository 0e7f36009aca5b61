enum AddressesPlaceholder {}
