enum SalesforcePlaceholder {}
