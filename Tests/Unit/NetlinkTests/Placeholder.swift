enum NetlinkTestsPlaceholder {}
