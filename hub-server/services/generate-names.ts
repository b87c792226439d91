// Made-up people of Jaipur: common given names and family names put together by chance. No real person's data.

export const GIVEN_NAMES = [
  'Aarti', 'Ajay', 'Anil', 'Anita', 'Arjun', 'Asha', 'Ashok', 'Babulal', 'Banwari', 'Bhanwar', 'Bhawani', 'Bhuvnesh', 'Champalal', 'Chhagan',
  'Deepak', 'Devendra', 'Dhanraj', 'Dinesh', 'Durga', 'Gajendra', 'Ganpat', 'Gayatri', 'Ghanshyam', 'Girdhari', 'Gopal', 'Govind', 'Hanuman',
  'Hari', 'Heera', 'Indra', 'Jagdish', 'Jaswant', 'Jitendra', 'Kailash', 'Kamla', 'Kanhaiya', 'Kavita', 'Kishan', 'Kusum', 'Lakshman', 'Laxmi',
  'Leela', 'Madan', 'Mahendra', 'Mahesh', 'Mamta', 'Mangilal', 'Manju', 'Meena', 'Mohan', 'Mukesh', 'Nand Kishore', 'Narayan', 'Nathu', 'Nirmala',
  'Om Prakash', 'Padma', 'Phool Chand', 'Prakash', 'Pratap', 'Prem', 'Pushpa', 'Radheshyam', 'Rajendra', 'Rajesh', 'Ram Niwas', 'Ramesh', 'Ratan',
  'Rekha', 'Roshan', 'Sajjan', 'Sampat', 'Santosh', 'Saroj', 'Satish', 'Shankar', 'Shanti', 'Sharda', 'Shiv', 'Shyam', 'Sita', 'Sohan', 'Sumitra',
  'Suraj', 'Surendra', 'Suresh', 'Sushila', 'Tara', 'Tej', 'Tulsi', 'Uma', 'Umesh', 'Urmila', 'Vijay', 'Vikram', 'Vimla', 'Vinod', 'Virendra',
] as const;

export const FAMILY_NAMES = [
  'Agarwal', 'Bairwa', 'Bhati', 'Bijarnia', 'Charan', 'Chaudhary', 'Chauhan', 'Dangi', 'Devi', 'Gehlot', 'Goyal', 'Gupta', 'Gurjar', 'Jain', 'Jangid',
  'Jat', 'Jhala', 'Joshi', 'Kanwar', 'Khandelwal', 'Khatik', 'Kumawat', 'Lakhera', 'Maheshwari', 'Mali', 'Mathur', 'Meena', 'Meghwal', 'Mehta',
  'Nagar', 'Nathawat', 'Ojha', 'Pareek', 'Prajapat', 'Purohit', 'Rajawat', 'Rajput', 'Rathore', 'Regar', 'Saini', 'Sen', 'Shekhawat', 'Sharma',
  'Singh', 'Sisodia', 'Solanki', 'Soni', 'Suthar', 'Swami', 'Tak', 'Tanwar', 'Vyas', 'Yadav',
] as const;

/** Places of Jaipur that have an office of each department. */
export const PLACES = [
  'Vidyadhar Nagar', 'Malviya Nagar', 'Mansarovar', 'Vaishali Nagar', 'Sanganer', 'Amber', 'Bani Park', 'Jhotwara', 'Jagatpura', 'Raja Park',
  'Tonk Phatak', 'Chandpole', 'Johari Bazar', 'Murlipura', 'Pratap Nagar', 'Bassi', 'Chomu', 'Bagru',
] as const;
