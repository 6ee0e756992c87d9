/** As kubeadm's: ten years for a CA (cmd/kubeadm/app/constants, CertificateValidity times ten). */
export const CA_DAYS = 3650;
/** As kubeadm's: a year for what a CA signs. */
export const LEAF_DAYS = 365;
