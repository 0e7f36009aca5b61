enum DeploymentsTestsPlaceholder {}
