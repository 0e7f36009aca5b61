enum DeploymentsPlaceholder {}
